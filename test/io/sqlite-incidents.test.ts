import assert from 'node:assert/strict'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDatabase } from '../../io/sqlite.ts'
import { SqliteIncidents } from '../../io/sqlite-incidents.ts'
import { START } from '../alerter/sample.ts'
import { checkIncidentStore, delivery, incident } from './incident-store.suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-store-'))
let files = 0
const newFile = () => join(folder, `${files++}.db`)

checkIncidentStore('sqlite in memory', async () => new SqliteIncidents(openDatabase(':memory:')))
checkIncidentStore('sqlite in a file', async () => new SqliteIncidents(openDatabase(newFile())))

test('what was written is there when the file is opened again, for its owner only', async () => {
  const path = newFile()
  const db = openDatabase(path)
  const one = incident('a')
  const change = { incidents: [one], findings: [], deliveries: [delivery(one)], superseded: [] }
  await new SqliteIncidents(db).apply(change, new Map())
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(statSync(`${path}-wal`).mode & 0o777, 0o600)
  db.close()
  const again = new SqliteIncidents(openDatabase(path))
  assert.deepEqual(await again.get(one.id), one)
  assert.deepEqual(await again.due('pager', START, 9), [delivery(one)])
})

test('a file of another version, and one that is no database, are refused with a code', () => {
  const path = newFile()
  const db = openDatabase(path)
  db.exec("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
  db.close()
  assert.throws(() => openDatabase(path), { code: 'store-version', message: /version 99/ })
  const text = newFile()
  writeFileSync(text, 'this is a text file and no database at all, however long it is')
  assert.throws(() => openDatabase(text), { code: 'store-unusable' })
})

test('a change that fails in the middle leaves nothing behind', async () => {
  const store = new SqliteIncidents(openDatabase(':memory:'))
  const one = incident('a')
  const unstorable = { ...delivery(one), dueAt: {} as unknown as number }
  const change = { incidents: [one], findings: [], deliveries: [unstorable], superseded: [] }
  await assert.rejects(store.apply(change, new Map()))
  assert.equal(await store.get(one.id), undefined)
})
