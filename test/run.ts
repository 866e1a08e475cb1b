import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

/**
 * `npm test`: types in both configurations, style, unused code, then every test. Named files run alone:
 * `npm test -- test/config.test.ts`; words that begin with `-` go to the test runner. All steps run even when
 * one fails, and the test runner's own count comes last.
 */
const words = process.argv.slice(2)
const flags = words.filter((word) => word.startsWith('-'))
const named = words.filter((word) => !word.startsWith('-'))

const CHECKS = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'types of the core', command: ['tsc', '--noEmit', '-p', 'tsconfig.core.json'] },
  { name: 'style', command: ['biome', 'check', '.'] },
  { name: 'unused code', command: ['knip'] },
]

/** Runs a command to its end. @returns true when it succeeded */
function run([command, ...args]: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

/** Runs one check and prints its outcome and time. */
function check({ name, command }: (typeof CHECKS)[number]): boolean {
  const start = performance.now()
  const isFine = run(command)
  console.log(`${isFine ? 'ok' : 'FAILED'}  ${name}  ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return isFine
}

const failed = (named.length > 0 ? [] : CHECKS).filter((step) => !check(step))
const files = named.length > 0 ? named : globSync('test/**/*.test.ts').sort()
if (failed.length > 0) console.log(`failed before the tests: ${failed.map(({ name }) => name).join(', ')}`)

const isPassed = run([
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  '--test',
  '--test-reporter=spec',
  ...flags,
  ...files,
])
process.exitCode = isPassed && failed.length === 0 ? 0 : 1
