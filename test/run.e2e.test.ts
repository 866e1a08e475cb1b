import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import {
  endProcesses,
  eventually,
  FREE_PORTS,
  type RunProcess,
  runFolder,
  startProcess,
} from './run-process.ts'

/** `meshwatch run` as its user meets it: start, sources, end. */

const PORTS = `${FREE_PORTS}intake: { port: 0 }\n`
const call = (caller: string, time = Date.now()) =>
  `${JSON.stringify({ kind: 'call', time, caller, callee: 'ledger' })}\n`

async function endInOrder({ process, ended }: RunProcess): Promise<void> {
  process.kill('SIGTERM')
  assert.equal(await ended, 0)
}

function stored(folder: string, sql: string) {
  const database = new DatabaseSync(join(folder, 'meshwatch-data/meshwatch.db'), { timeout: 5000 })
  const rows = database.prepare(sql).all()
  database.close()
  return rows
}

const rejectsOf = (folder: string) =>
  stored(folder, 'SELECT reason, line, length, bytes FROM rejects ORDER BY line').map((row) => ({
    reason: String(row.reason),
    line: Number(row.line),
    length: Number(row.length),
    text: Buffer.from(row.bytes as Uint8Array).toString(),
  }))

after(endProcesses)

/** The value of the first sample of a metric that begins like this. */
async function metric(run: RunProcess, sample: string): Promise<number> {
  const { metrics } = await run.said('watching')
  const text = await (await fetch(String(metrics))).text()
  const line = text.split('\n').find((each) => each.startsWith(sample))
  return Number(line?.split(' ').at(-1))
}

async function readiness(run: RunProcess): Promise<{ status: number; reasons: string[] }> {
  const { api } = await run.said('watching')
  const answer = await fetch(`${api}/readyz`)
  const { reasons } = (await answer.json()) as { reasons: { reason: string }[] }
  return { status: answer.status, reasons: reasons.map(({ reason }) => reason) }
}

describe('meshwatch run starts', () => {
  it('not with a mistake in its configuration, and says where it is and what to write', async () => {
    const folder = runFolder('analyzer:\n  latenesMs: 5\n')
    const run = startProcess(folder)
    assert.equal(await run.ended, 1)
    assert.equal(run.stdout(), '')
    assert.match(run.stderr(), /meshwatch\.yaml:2:3: analyzer\.latenesMs: .*"latenessMs"/)
  })

  it('not without a data folder, and says which and why', async () => {
    const run = startProcess(runFolder(`${PORTS}dataDir: meshwatch.yaml/data\n`))
    assert.equal(await run.ended, 1)
    assert.match(
      run.stderr(),
      /^meshwatch: dataDir: cannot make the folder .*meshwatch\.yaml\/data \(ENOTDIR\): .*another/,
    )
  })

  it('not on a port that is taken, and leaves the data folder to who works on it', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const folder = runFolder(PORTS)
    const working = startProcess(folder)
    await working.said('watching')
    writeFileSync(join(folder, 'second.yaml'), `${PORTS.replace('api: { port: 0', `api: { port: ${port}`)}`)
    const second = startProcess(folder, ['run', '--config', 'second.yaml'])
    assert.equal(await second.ended, 1)
    assert.match(
      second.stderr(),
      new RegExp(`^meshwatch: api\\.port: port ${port} of 127\\.0\\.0\\.1 is taken`),
    )
    server.close()
    assert.equal(stored(folder, 'SELECT epoch FROM checkpoint_heads')[0].epoch, 1)
    await endInOrder(working)
  })

  it('in place of an older one on the same data, which says so and ends', async () => {
    const folder = runFolder(`${PORTS}analyzer: { checkpointEveryMs: 100 }\n`)
    const older = startProcess(folder)
    await older.said('watching')
    const younger = startProcess(folder)
    await younger.said('watching')
    assert.equal(await older.ended, 1)
    assert.match(
      older.stderr(),
      /^meshwatch: another process has taken over this data folder: this one stops$/m,
    )
    await endInOrder(younger)
  })
})

describe('meshwatch run', () => {
  it('ends with its data in one file that can be copied', async () => {
    const folder = runFolder(PORTS)
    const run = startProcess(folder)
    await run.said('watching')
    await endInOrder(run)
    assert.deepEqual(readdirSync(join(folder, 'meshwatch-data')).sort(), ['bearer.key', 'meshwatch.db'])
    assert.equal(stored(folder, 'SELECT epoch FROM checkpoint_heads').length, 1)
  })

  it('reads a file with hostile lines, and keeps those with their secrets masked', async () => {
    const folder = runFolder(`${PORTS}sources: [{ file: access.log }]\n`)
    const lines = [
      call('a'),
      '{"kind":"call","authorization":"Bearer s3cr3t-t0k3n-0123456789"\n',
      call('b'),
      `${'x'.repeat(2 * 1_048_576)}\n`,
      call('c'),
      Buffer.from([0xff, 0x00, 0xfe, 0x80, 0x0a]),
      call('d'),
    ]
    writeFileSync(join(folder, 'access.log'), Buffer.concat(lines.map((line) => Buffer.from(line))))
    const run = startProcess(folder)
    await eventually(async () =>
      (await metric(run, 'meshwatch_events_accepted_total')) === 4 ? true : undefined,
    )
    await endInOrder(run)
    const rejects = rejectsOf(folder)
    assert.deepEqual(
      rejects.map(({ line, reason }) => [line, reason]),
      [
        [2, 'not-json'],
        [4, 'too-large'],
        [6, 'not-json'],
      ],
    )
    assert.doesNotMatch(rejects[0].text, /s3cr3t/)
    assert.equal(rejects[1].length, 2 * 1_048_576)
  })

  it('goes on where it was after an orderly end', async () => {
    const folder = runFolder(`${PORTS}sources: [{ file: access.log }]\n`)
    const file = join(folder, 'access.log')
    writeFileSync(file, Array.from({ length: 10 }, (_, i) => call(`early ${i}`)).join(''))
    for (const [caller, entities] of [
      ['a', 12],
      ['b', 13],
    ] as const) {
      appendFileSync(file, call(caller))
      const run = startProcess(folder)
      const count = () => metric(run, 'meshwatch_entities{kind="identity"}')
      await eventually(async () => ((await count()) === entities ? true : undefined))
      assert.equal(await metric(run, 'meshwatch_events_accepted_total'), caller === 'a' ? 11 : 1)
      await endInOrder(run)
    }
  })

  it('names a source that it cannot read, reads the others, and reads it when it can', async () => {
    const folder = runFolder(`${PORTS}sources: [{ file: broken.log }, { file: fine.log }]\n`)
    mkdirSync(join(folder, 'broken.log'))
    writeFileSync(join(folder, 'fine.log'), Array.from({ length: 9 }, () => call('a')).join(''))
    const run = startProcess(folder)
    const accepted = (count: number) =>
      eventually(async () =>
        (await metric(run, 'meshwatch_events_accepted_total')) === count ? true : undefined,
      )
    await accepted(9)
    assert.deepEqual(await readiness(run), { status: 503, reasons: ['source-unreadable'] })
    assert.equal(await metric(run, 'meshwatch_not_ready{reason="source-unreadable"}'), 1)
    rmSync(join(folder, 'broken.log'), { recursive: true })
    writeFileSync(join(folder, 'broken.log'), Array.from({ length: 9 }, () => call('b')).join(''))
    await accepted(18)
    assert.deepEqual(await readiness(run), { status: 200, reasons: [] })
    await endInOrder(run)
  })

  it('waits for a store that cannot be written, and loses nothing of what was read', async () => {
    const folder = runFolder(
      `${PORTS}sources: [{ file: access.log }]\nanalyzer: { checkpointEveryMs: 100 }\n`,
    )
    const run = startProcess(folder)
    await run.said('watching')
    const lock = new DatabaseSync(join(folder, 'meshwatch-data/meshwatch.db'), { timeout: 5000 })
    lock.exec('BEGIN IMMEDIATE')
    writeFileSync(join(folder, 'access.log'), `${call('a')}no json\n${call('b')}${call('c')}${call('d')}`)
    await run.said('the store cannot be written')
    const { reasons } = await readiness(run)
    assert.deepEqual(reasons, ['store-unwritable'])
    lock.exec('COMMIT')
    lock.close()
    await run.said('the store takes writes again')
    await eventually(() => (rejectsOf(folder).length === 1 ? true : undefined))
    await eventually(async () =>
      (await metric(run, 'meshwatch_entities{kind="identity"}')) === 5 ? true : undefined,
    )
    assert.deepEqual(await readiness(run), { status: 200, reasons: [] })
    await endInOrder(run)
  })

  it('reads standard input to its end and runs on', async () => {
    const folder = runFolder(`${PORTS}sources: [{ stdin: true }]\n`)
    const run = startProcess(folder)
    run.process.stdin?.end(`${call('a')}broken\n${call('b')}`)
    await run.said('standard input has ended')
    await eventually(async () =>
      (await metric(run, 'meshwatch_events_accepted_total')) === 2 ? true : undefined,
    )
    assert.deepEqual(await readiness(run), { status: 200, reasons: [] })
    await endInOrder(run)
    assert.deepEqual(
      rejectsOf(folder).map(({ text }) => text),
      ['broken'],
    )
  })
})

describe('the command line', () => {
  for (const command of ['demo', 'replay', 'run', 'token']) {
    it(`explains ${command}`, async () => {
      const run = startProcess(runFolder(), [command, '--help'])
      assert.equal(await run.ended, 0)
      assert.match(run.stdout(), new RegExp(`^Usage: meshwatch ${command}[^]*\\n\\w[^]*Options:`))
    })
  }
})
