import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { VERSION } from '../cli/version.ts'
import { installPackage, runIn } from './package-install.ts'
import { endProcesses, FREE_PORTS, runFolder, startProcess } from './run-process.ts'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const direct = Object.keys(manifest.dependencies)
const LOGS = ['step-ca/ca.jsonl', 'envoy/inbound-ledger-2.jsonl'].map((name) =>
  join(process.cwd(), 'test/fixtures/captures', name),
)

const MODULES = 'node_modules/'

/** Install scripts of packages behind ours: what each does, and why nothing is missing without it. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  'msgpackr-extract': 'looks for its native reader of texts; msgpackr reads them in JavaScript without it',
  protobufjs: 'warns of odd version ranges in its user, and does nothing else',
}

describe('the package', () => {
  const { folder, home, tarball, files, shasums } = installPackage()
  const installed = join(home, 'node_modules/meshwatch')
  const bin = join(installed, manifest.bin.meshwatch)
  after(() => {
    endProcesses()
    rmSync(folder, { recursive: true, force: true })
  })

  test('holds what runs and what people take from it, and nothing else', (context) => {
    context.diagnostic(`${files.length} files`)
    const places = /^(bin|dist|dashboards|docs)\/|^(README|CHANGELOG|SECURITY)\.md$|^LICENSE$|^package\.json$/
    assert.deepEqual(
      files.filter((path) => !places.test(path) || /(?<!\.d)\.ts$|\.map$/.test(path)),
      [],
    )
    for (const path of ['LICENSE', 'README.md', 'dist/cli/main.js', ...globSync('dashboards/*.{json,yaml}')])
      assert.ok(files.includes(path), path)
  })

  test('is the same when it is packed again', () => assert.equal(shasums[0], shasums[1]))

  test('is clean for publint and for are-the-types-wrong', () => {
    for (const [command, ...args] of [
      ['publint', '--strict', tarball],
      ['attw', tarball, '--profile', 'esm-only'],
    ])
      runIn(process.cwd(), join('node_modules/.bin', command), ...args)
  })

  test('has few direct dependencies, and none of them runs a script when it is installed', (context) => {
    assert.ok(direct.length <= 25, `${direct.length}`)
    const lock = JSON.parse(readFileSync(join(home, 'node_modules/.package-lock.json'), 'utf8'))
    const scripted = Object.entries<{ hasInstallScript?: boolean }>(lock.packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.slice(path.lastIndexOf(MODULES) + MODULES.length))
    context.diagnostic(`install scripts: ${scripted.join(', ')}`)
    assert.deepEqual(
      scripted.filter((name) => direct.includes(name)),
      [],
    )
    assert.deepEqual([...new Set(scripted)].sort(), Object.keys(INSTALL_SCRIPTS))
  })

  test('says its version', () => {
    assert.equal(runIn(home, 'npx', '--no-install', 'meshwatch', '--version'), `${VERSION}\n`)
  })

  test('replays logs as the checkout does', () => {
    const ofPackage = runIn(home, process.execPath, bin, 'replay', '--emit', 'findings', ...LOGS)
    const ofCheckout = runIn(
      home,
      process.execPath,
      join(process.cwd(), 'bin/meshwatch.js'),
      'replay',
      '--emit',
      'findings',
      ...LOGS,
    )
    assert.equal(ofPackage, ofCheckout)
    assert.ok(ofPackage.split('\n').length > 1)
  })

  test('watches until it is told to stop', async () => {
    const running = startProcess(runFolder(`${FREE_PORTS}intake: { port: 0 }\n`), undefined, bin)
    const { api } = await running.said('watching')
    const answer = await fetch(`${api}/readyz`)
    assert.equal(answer.status, 200, await answer.text())
    running.process.kill('SIGTERM')
    assert.equal(await running.ended, 0, running.stderr())
  })

  test('gives its records to TypeScript, also to one that checks declarations', () => {
    writeFileSync(
      join(home, 'receiver.ts'),
      `import type { CallEvent } from 'meshwatch/event'
import { CERTAIN_SCORE, type Finding } from 'meshwatch/finding'
import type { Notification } from 'meshwatch/incident'
export const isCertain = ({ score }: Finding): boolean => score >= CERTAIN_SCORE
export const callerOf = ({ caller }: CallEvent): string => caller
export const titleOf = ({ incident }: Notification): string => incident.title
`,
    )
    const flags = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--lib',
      'es2024,dom',
    ]
    runIn(home, join(process.cwd(), 'node_modules/.bin/tsc'), ...flags, 'receiver.ts')
  })

  test('says under an old Node which one it needs, and a checkout where it has one', () => {
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.1.0'}})`
    const refusalOf = (main: string): string => {
      const args = ['--import', old, main, '--version']
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      assert.equal(status, 1)
      return stderr
    }
    assert.match(refusalOf(bin), /^meshwatch needs Node 24 or later .*https:\/\/nodejs\.org/)
    assert.match(refusalOf('bin/meshwatch.js'), /^meshwatch needs Node 24 or later .*"npm start/)
  })

  test('opens no door to its files but those that it names', () => {
    for (const target of Object.values<string | object>(manifest.exports).flatMap((it) =>
      Object.values(typeof it === 'string' ? [it] : it),
    ))
      assert.ok(existsSync(join(installed, target)), target)
  })
})

test('the bill of materials has every package that runs, none that only builds, and is the same each time', () => {
  const [text, again] = [1, 2].map(() => runIn(process.cwd(), 'npm', 'run', '--silent', 'sbom'))
  assert.equal(text, again)
  const bill = JSON.parse(text)
  assert.equal(bill.bomFormat, 'CycloneDX')
  const listed = bill.components.map(({ purl }: { purl: string }) => decodeURIComponent(purl))
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const locked = Object.entries<{ version: string; dev?: boolean }>(packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(
      ([path, { version }]) => `pkg:npm/${path.slice(path.lastIndexOf(MODULES) + MODULES.length)}@${version}`,
    )
  assert.deepEqual(listed.sort(), [...new Set(locked)].sort())
})
