import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import type { CheckpointStore } from '../../domain/ports.ts'
import type { Reject } from '../../domain/reject.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { sqliteCheckpoints } from '../../io/sqlite-checkpoints.ts'
import { sqliteJournal } from '../../io/sqlite-journal.ts'
import { sqliteRejects } from '../../io/sqlite-rejects.ts'
import { checkpointStoreSuite, jointCheckpointSuite } from './checkpoint-store.suite.ts'
import { intakeJournalSuite } from './intake-journal.suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-stores-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0
const newPath = () => join(folder, `${++files}.db`)

const databases = new WeakMap<CheckpointStore, string>()
const checkpointsIn = (path: string) => {
  const store = sqliteCheckpoints(openDatabase(path))
  databases.set(store, path)
  return store
}
checkpointStoreSuite(
  'sqlite',
  async () => checkpointsIn(newPath()),
  async (store) => checkpointsIn(databases.get(store)!),
)
jointCheckpointSuite('sqlite', async () => checkpointsIn(newPath()))
intakeJournalSuite('sqlite', async () => sqliteJournal(openDatabase(newPath())))

test('a checkpoint and the size of the journal are there after opening again', async () => {
  const path = newPath()
  const database = openDatabase(path)
  const { epoch } = await sqliteCheckpoints(database).claim(0)
  await sqliteCheckpoints(database).save({
    partition: 0,
    epoch,
    changed: { sequence: 1, head: '{}', pages: new Map([['a', Buffer.of(7)]]) },
  })
  await sqliteJournal(database).append('a', Buffer.alloc(9), 'key', 0)
  database.close()
  const again = openDatabase(path)
  const claim = await sqliteCheckpoints(again).claim(0)
  assert.deepEqual(
    [claim.epoch, claim.checkpoint?.sequence, claim.checkpoint?.pages.get('a')?.[0]],
    [2, 1, 7],
  )
  assert.equal(await sqliteJournal(again).size(), 9)
  assert.equal(await sqliteJournal(again).append('a', Buffer.alloc(9), 'key', 1), false)
  again.close()
})

const APPENDS = `
  const { openDatabase } = await import(process.argv[1])
  const { sqliteJournal } = await import(process.argv[2])
  const journal = sqliteJournal(openDatabase(process.argv[3]))
  for (let i = 0; ; i++) {
    await journal.append('a', Buffer.from(i + '\\n'), 'key-' + i, 0)
    process.stdout.write(i + '\\n')
  }`

test('what append has answered survives kill -9', async () => {
  const path = newPath()
  const modules = ['../../io/sqlite.ts', '../../io/sqlite-journal.ts'].map(
    (name) => new URL(name, import.meta.url).href,
  )
  const child = spawn(process.execPath, ['--input-type=module', '-e', APPENDS, ...modules, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let answered = -1
  const exit = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    answered = Number(line)
    if (answered === 50) child.kill('SIGKILL')
  }
  await exit
  const journal = sqliteJournal(openDatabase(path))
  const block = await journal.read('a', 0)
  const numbers = Buffer.from(block!.bytes).toString().trim().split('\n').map(Number)
  assert.ok(answered >= 50 && numbers.length > answered, `${numbers.length} appended, ${answered} answered`)
  assert.deepEqual(numbers, [...numbers.keys()])
  assert.equal(await journal.append('a', Buffer.from('again'), `key-${answered}`, 1), false)
})

const reject = (offset: number, bytes = Buffer.from('bad')): Reject => ({
  reason: 'not-json',
  source: 'a.log',
  generation: '1.2.3-1',
  offset,
  line: offset + 1,
  length: bytes.length,
  bytes,
})

test('a reject at the same position is kept once', async () => {
  const database = openDatabase(newPath())
  const rejects = sqliteRejects(database)
  await rejects.keep([reject(0), reject(1)])
  await rejects.keep([reject(1), { ...reject(1), generation: '1.2.3-2' }])
  const rows = database.prepare('SELECT generation, offset, bytes FROM rejects ORDER BY number').all()
  assert.deepEqual(
    rows.map(({ generation, offset }) => [generation, offset]),
    [
      ['1.2.3-1', 0],
      ['1.2.3-1', 1],
      ['1.2.3-2', 1],
    ],
  )
  assert.equal(Buffer.from(rows[0].bytes as Uint8Array).toString(), 'bad')
  assert.equal(rejects.dropped(), 0)
})

test('when rejects take too much the oldest go, and are counted', async () => {
  const path = newPath()
  const database = openDatabase(path)
  const rejects = sqliteRejects(database, 10_000)
  for (let i = 0; i < 100; i++) await rejects.keep([reject(i, Buffer.alloc(800, i))])
  const offsets = () =>
    database
      .prepare('SELECT offset FROM rejects ORDER BY offset')
      .all()
      .map((row) => row.offset)
  assert.deepEqual(offsets(), [90, 91, 92, 93, 94, 95, 96, 97, 98, 99])
  assert.equal(sqliteRejects(database).dropped(), 90)
  await rejects.keep([reject(1000, Buffer.alloc(50_000))])
  assert.deepEqual(offsets(), [])
})
