import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { meteredStore, operationOf, type StoreWatch } from '../cli/metered-store.ts'
import { openDatabase } from '../io/sqlite.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'
import { worldError } from '../io/world-error.ts'

const failing = (failed: () => void): StoreWatch => ({ took: () => {}, failed })

test('a store that works answers as before; each call that fails is told and thrown', async () => {
  const database = openDatabase(':memory:')
  let failures = 0
  const store = meteredStore(
    new SqliteIncidents(database),
    failing(() => failures++),
  )
  assert.deepEqual(await store.counts(), [])
  assert.equal(failures, 0)
  database.close()
  await assert.rejects(store.counts())
  await assert.rejects(store.outbox())
  assert.equal(failures, 2)
})

test('that another process has taken the store over is no failure of it', async () => {
  let failures = 0
  const fenced = meteredStore(
    { save: () => Promise.reject(worldError('fenced', 'another')) },
    failing(() => failures++),
  )
  await assert.rejects(fenced.save(), { code: 'fenced' })
  assert.equal(failures, 0)
})

test('a store that fails without a promise is told of as well', () => {
  let failures = 0
  const broken = { open: () => assert.fail('broken') }
  assert.throws(() =>
    meteredStore(
      broken,
      failing(() => failures++),
    ).open(),
  )
  assert.equal(failures, 1)
})

test('every call is timed by what it does, also one that fails', async () => {
  const took: [string, number][] = []
  const given = {
    claim: async () => 'claimed',
    apply: () => Promise.reject(new Error('down')),
    due: () => [],
    name: 'no call',
  }
  const store = meteredStore(given, {
    took: (operation, seconds) => took.push([operation, seconds]),
    failed: () => {},
  })
  assert.equal(await store.claim(), 'claimed')
  await assert.rejects(store.apply())
  assert.deepEqual(store.due(), [])
  assert.equal(store.name, 'no call')
  assert.deepEqual(
    took.map(([operation]) => operation),
    ['load', 'write', 'read'],
  )
  assert.ok(took.every(([, seconds]) => seconds >= 0 && seconds < 10))
})

test('every method of the stores that changes something counts as a write', async () => {
  const source = readFileSync('domain/ports.ts', 'utf8')
  const methods = [...source.matchAll(/^ {2}(\w+)\([\s\S]*?\): (Promise<[^\n]+)$/gm)]
  const writes = methods.filter(([, , answer]) => /^Promise<(void|'|boolean|number>)/.test(answer))
  assert.ok(writes.length > 8)
  const reads = ['nextFinding', 'oldestOpen', 'size', 'close']
  for (const [, method] of writes)
    if (!reads.includes(method)) assert.equal(operationOf(method), 'write', method)
})
