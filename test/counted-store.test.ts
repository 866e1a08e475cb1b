import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countedStore } from '../cli/counted-store.ts'
import { openDatabase } from '../io/sqlite.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'
import { worldError } from '../io/world-error.ts'

test('a store that works answers as before; each call that fails is told and thrown', async () => {
  const database = openDatabase(':memory:')
  let failures = 0
  const store = countedStore(new SqliteIncidents(database), () => failures++)
  assert.deepEqual(await store.counts(), [])
  assert.equal(failures, 0)
  database.close()
  await assert.rejects(store.counts())
  await assert.rejects(store.outbox())
  assert.equal(failures, 2)
})

test('that another process has taken the store over is no failure of it', async () => {
  let failures = 0
  const fenced = countedStore(
    { save: () => Promise.reject(worldError('fenced', 'another')) },
    () => failures++,
  )
  await assert.rejects(fenced.save(), { code: 'fenced' })
  assert.equal(failures, 0)
})

test('a store that fails without a promise is told of as well', () => {
  let failures = 0
  const broken = { open: () => assert.fail('broken') }
  assert.throws(() => countedStore(broken, () => failures++).open())
  assert.equal(failures, 1)
})
