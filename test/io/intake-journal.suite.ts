import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IntakeJournal } from '../../domain/ports.ts'

const HOUR_MS = 3_600_000

async function readAll(journal: IntakeJournal, source: string, from = 0) {
  const parts: Uint8Array[] = []
  for (let next = from; ; ) {
    const block = await journal.read(source, next)
    if (block === undefined) return Buffer.concat(parts).toString()
    parts.push(block.bytes)
    next = block.offset + block.bytes.length
  }
}

/** What every implementation promises. */
export function intakeJournalSuite(name: string, open: () => Promise<IntakeJournal>): void {
  const append = (journal: IntakeJournal, source: string, text: string) =>
    journal.append(source, Buffer.from(text), undefined, 0)

  test(`${name}: each source is a stream of bytes, read from any offset on`, async () => {
    const journal = await open()
    await append(journal, 'a', 'one\ntwo\n')
    await append(journal, 'b', 'other\n')
    await append(journal, 'a', 'three\n')
    const all = 'one\ntwo\nthree\n'
    for (let from = 0; from <= all.length; from++)
      assert.equal(await readAll(journal, 'a', from), all.slice(from))
    assert.equal(await readAll(journal, 'b'), 'other\n')
    assert.equal(await readAll(journal, 'never'), '')
    assert.deepEqual(await journal.sources(), ['a', 'b'])
  })

  test(`${name}: much at once is read in pieces`, async () => {
    const journal = await open()
    const text = Array.from({ length: 50_000 }, (_, index) => `line ${index}\n`).join('')
    await append(journal, 'a', 'begin\n')
    await append(journal, 'a', text)
    const first = await journal.read('a', 0)
    assert.ok(first!.bytes.length < 200_000)
    assert.equal(await readAll(journal, 'a'), `begin\n${text}`)
    assert.equal(await readAll(journal, 'a', 300_001), `begin\n${text}`.slice(300_001))
  })

  test(`${name}: an offset never comes again, even when all before it is trimmed`, async () => {
    const journal = await open()
    await append(journal, 'a', '12345')
    await journal.trim('a', 5)
    assert.equal(await readAll(journal, 'a'), '')
    await append(journal, 'a', '678')
    const block = await journal.read('a', 0)
    assert.deepEqual([block?.offset, Buffer.from(block!.bytes).toString()], [5, '678'])
  })

  test(`${name}: a trim keeps what lies at the offset and behind it`, async () => {
    const journal = await open()
    await append(journal, 'a', '12345')
    await append(journal, 'a', '678')
    await append(journal, 'b', 'x')
    await journal.trim('a', 6)
    assert.equal(await readAll(journal, 'a', 6), '78')
    assert.equal(await readAll(journal, 'b'), 'x')
  })

  test(`${name}: a known key appends nothing, for a day and for its source`, async () => {
    const journal = await open()
    const one = Buffer.from('1')
    assert.equal(await journal.append('a', one, 'key', 0), true)
    assert.equal(await journal.append('a', one, 'key', 23 * HOUR_MS), false)
    assert.equal(await journal.append('b', one, 'key', 0), true)
    assert.equal(await journal.append('a', Buffer.from('2'), 'other', 0), true)
    assert.equal(await journal.append('a', Buffer.from('3'), 'key', 25 * HOUR_MS), true)
    assert.equal(await readAll(journal, 'a'), '123')
  })

  test(`${name}: the size is what is kept`, async () => {
    const journal = await open()
    assert.equal(await journal.size(), 0)
    await journal.append('a', Buffer.from('12345'), 'key', 0)
    await journal.append('a', Buffer.from('12345'), 'key', 0)
    await append(journal, 'b', '678')
    assert.equal(await journal.size(), 8)
    await journal.trim('a', 5)
    assert.equal(await journal.size(), 3)
  })
}
