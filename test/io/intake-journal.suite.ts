import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IntakeJournal } from '../../domain/ports.ts'

const HOUR_MS = 3_600_000

const records = (...texts: readonly string[]) =>
  texts.map((text) => ({ bytes: Buffer.from(text), length: text.length }))

async function textsOf(journal: IntakeJournal, source: string, from = 0) {
  const rows = await journal.read(source, from, 1000)
  return rows.map(({ bytes }) => Buffer.from(bytes).toString())
}

/** What every implementation promises. */
export function intakeJournalSuite(name: string, open: () => Promise<IntakeJournal>): void {
  test(`${name}: records are read in order, each source by itself, from any number on`, async () => {
    const journal = await open()
    await journal.append('a', records('1', '2'), undefined, 0)
    await journal.append('b', records('x'), undefined, 0)
    await journal.append('a', records('3'), undefined, 0)
    assert.deepEqual(await textsOf(journal, 'a'), ['1', '2', '3'])
    assert.deepEqual(await textsOf(journal, 'b'), ['x'])
    const rows = await journal.read('a', 0, 2)
    assert.equal(rows.length, 2)
    assert.deepEqual(await textsOf(journal, 'a', rows[1].offset + 1), ['3'])
    assert.deepEqual(await journal.sources(), ['a', 'b'])
  })

  test(`${name}: the length of a record of which only the beginning was kept stays`, async () => {
    const journal = await open()
    await journal.append('a', [{ bytes: Buffer.from('begin'), length: 5_000_000 }], undefined, 0)
    const [{ bytes, length }] = await journal.read('a', 0, 10)
    assert.deepEqual([Buffer.from(bytes).toString(), length], ['begin', 5_000_000])
  })

  test(`${name}: a number is never used again, even when all before it are trimmed`, async () => {
    const journal = await open()
    await journal.append('a', records('1', '2'), undefined, 0)
    const last = (await journal.read('a', 0, 10)).at(-1)!.offset
    await journal.trim('a', last + 1)
    assert.deepEqual(await textsOf(journal, 'a'), [])
    await journal.append('a', records('3'), undefined, 0)
    assert.ok((await journal.read('a', 0, 10))[0].offset > last)
  })

  test(`${name}: a known key appends nothing, for a day and for its source`, async () => {
    const journal = await open()
    assert.equal(await journal.append('a', records('1'), 'key', 0), true)
    assert.equal(await journal.append('a', records('1'), 'key', 23 * HOUR_MS), false)
    assert.equal(await journal.append('b', records('1'), 'key', 0), true)
    assert.equal(await journal.append('a', records('2'), 'other', 0), true)
    assert.equal(await journal.append('a', records('3'), 'key', 25 * HOUR_MS), true)
    assert.deepEqual(await textsOf(journal, 'a'), ['1', '2', '3'])
  })

  test(`${name}: the size is what waits`, async () => {
    const journal = await open()
    assert.equal(await journal.size(), 0)
    await journal.append('a', records('12345', '678'), 'key', 0)
    await journal.append('a', records('12345', '678'), 'key', 0)
    assert.equal(await journal.size(), 8)
    await journal.trim('a', (await journal.read('a', 0, 10))[1].offset)
    assert.equal(await journal.size(), 3)
  })

  test(`${name}: a read is bounded in bytes, but never stuck`, async () => {
    const journal = await open()
    const big = { bytes: Buffer.alloc(700_000), length: 700_000 }
    const huge = { bytes: Buffer.alloc(3_000_000), length: 3_000_000 }
    await journal.append('a', [big, big, huge], undefined, 0)
    const counts: number[] = []
    for (let next = 0; ; ) {
      const rows = await journal.read('a', next, 1000)
      if (rows.length === 0) break
      counts.push(rows.length)
      next = rows.at(-1)!.offset + 1
    }
    assert.deepEqual(counts, [1, 1, 1])
  })
}
