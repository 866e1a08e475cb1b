import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { areServersRequired, WHY_NOT } from './servers/availability.ts'
import { startKafka } from './servers/kafka.ts'
import { SHARED_KAFKA } from './servers/kafka-for-tests.ts'
import { obtainServers } from './servers/obtain.ts'

/**
 * `npm test`: types in both configurations, style, unused code, then every test. Named files run alone:
 * `npm test -- test/config.test.ts`; words that begin with `-` go to the test runner. All steps run even when
 * one fails, and the test runner's own count comes last.
 *
 * Before all tests the servers are obtained that they need, and one Kafka is started for all files: it takes seconds.
 * Everything else that serves is started by the file that needs it, and so is a Kafka that is to be broken.
 */
const words = process.argv.slice(2)
const flags = words.filter((word) => word.startsWith('-'))
const named = words.filter((word) => !word.startsWith('-'))
const isWhole = named.length === 0

/** Far beyond the longest suite on a slow machine: what never ends is to fail by its name, not to stop everything. */
const NEVER_ENDS_MS = 600_000

const CHECKS = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'types of the core', command: ['tsc', '--noEmit', '-p', 'tsconfig.core.json'] },
  { name: 'style', command: ['biome', 'check', '.'] },
  { name: 'unused code', command: ['knip'] },
]

/** Runs a command to its end, or to ours. @returns true when it succeeded */
async function run([command, ...args]: readonly string[], env = process.env): Promise<boolean> {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env })
  const end = (): boolean => child.kill()
  process.on('exit', end)
  const [code] = await once(child, 'close')
  process.off('exit', end)
  return code === 0
}

/** Runs one check and prints its outcome and time. */
async function check({ name, command }: (typeof CHECKS)[number]): Promise<boolean> {
  const start = performance.now()
  const isFine = await run(command)
  console.log(`${isFine ? 'ok' : 'FAILED'}  ${name}  ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return isFine
}

const failed: string[] = []
for (const step of isWhole ? CHECKS : []) {
  if (!(await check(step))) failed.push(step.name)
}
if (isWhole && !(await obtainServers()) && areServersRequired()) failed.push('servers')
if (failed.length > 0) console.log(`failed before the tests: ${failed.join(', ')}`)

const kafka = isWhole && WHY_NOT.kafka() === undefined ? await startKafka() : undefined
const files = isWhole ? globSync('test/**/*.test.ts').sort() : named
const isPassed = await run(
  [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--test-reporter=spec',
    `--test-timeout=${NEVER_ENDS_MS}`,
    // Not --test-force-exit: it ends a file before suites that are declared after an await.
    '--import',
    new URL('./must-end.ts', import.meta.url).pathname,
    // Many files wait for servers more than they compute: two at once on the smallest machine.
    `--test-concurrency=${Math.max(2, availableParallelism() - 1)}`,
    ...flags,
    ...files,
  ],
  { ...process.env, ...(kafka && { [SHARED_KAFKA]: kafka.bootstrap.join(',') }) },
)
await kafka?.stop()
process.exitCode = isPassed && failed.length === 0 ? 0 : 1
