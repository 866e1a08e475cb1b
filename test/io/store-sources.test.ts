import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Position } from '../../domain/coordinate.ts'
import type { Decision } from '../../domain/decision.ts'
import type { Source } from '../../domain/ports.ts'
import { decisionSource } from '../../io/decision-source.ts'
import { journalSource } from '../../io/journal-source.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { sqliteJournal } from '../../io/sqlite-journal.ts'

async function readAll(source: Source) {
  const texts: string[] = []
  let position: Position | undefined
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
    texts.push(...chunk.records.map(({ text }) => text))
    position = chunk.end
  }
  return { texts, position }
}

test('a source of the journal goes on behind its position, also after a trim', async () => {
  const journal = sqliteJournal(openDatabase(':memory:'))
  const append = (text: string) => {
    const bytes = Buffer.from(text)
    return journal.append('stdin', [{ bytes, length: bytes.length }], undefined, 0)
  }
  for (const text of ['one', 'zwei é', 'three']) await append(text)
  const first = await readAll(journalSource(journal, 'stdin', { chunkRecords: 2 }))
  assert.deepEqual(first.texts, ['one', 'zwei é', 'three'])
  await journal.trim('stdin', first.position!.offset)
  await append('four')
  const second = await readAll(journalSource(journal, 'stdin', { resume: first.position }))
  assert.deepEqual(second.texts, ['four'])
  assert.equal(second.position!.generation, first.position!.generation)
})

test('decisions are read as JSON records from their position on', async () => {
  const decision = (caller: string): Decision => ({
    decision: 'expected',
    caller,
    author: 'ada',
    reason: 'planned',
    time: 1,
    expiresAt: 2,
  })
  const stored = [3, 4, 9].map((offset) => ({ offset, decision: decision(`c${offset}`) }))
  const decisionsFrom = async (from: number, limit: number) =>
    stored.filter(({ offset }) => offset >= from).slice(0, limit)
  const { texts, position } = await readAll(decisionSource({ decisionsFrom }))
  assert.deepEqual(
    texts.map((text) => JSON.parse(text)),
    stored.map((row) => row.decision),
  )
  assert.equal(position!.offset, 10)
  stored.push({ offset: 12, decision: decision('c12') })
  const later = await readAll(decisionSource({ decisionsFrom }, position))
  assert.deepEqual(
    later.texts.map((text) => JSON.parse(text).caller),
    ['c12'],
  )
})
