import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Position } from '../../domain/coordinate.ts'
import type { Source } from '../../domain/ports.ts'
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
  const append = (text: string) => journal.append('stdin', Buffer.from(text), undefined, 0)
  await append('one\nzwei é\nhal')
  const first = await readAll(journalSource(journal, 'stdin'))
  assert.deepEqual(first.texts, ['one', 'zwei é'])
  await append('f\n')
  await journal.trim('stdin', first.position!.offset)
  await append('four\n')
  const second = await readAll(journalSource(journal, 'stdin', { resume: first.position }))
  assert.deepEqual(second.texts, ['half', 'four'])
  assert.deepEqual(second.position, { ...first.position, offset: 22, line: 4 })
})

test('a source that lost its position begins with what is still kept', async () => {
  const journal = sqliteJournal(openDatabase(':memory:'))
  await journal.append('a', Buffer.from('gone\n'), undefined, 0)
  await journal.trim('a', 5)
  await journal.append('a', Buffer.from('kept\n'), undefined, 0)
  const source = journalSource(journal, 'a')
  const chunk = await source.read()
  assert.deepEqual(
    chunk?.records.map(({ text, offset }) => [text, offset]),
    [['kept', 5]],
  )
})
