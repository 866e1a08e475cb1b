import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { parseRecord } from '../../collector/parse-record.ts'
import type { Position } from '../../domain/coordinate.ts'
import type { RawRecord, Source, SourceChunk } from '../../domain/ports.ts'
import { testContext } from '../raw-record.ts'
import { eventually } from './kafka-log.ts'

/** Longest record, in bytes, that every place of the suite is opened with. */
export const RECORD_LIMIT = 1000

/** Where records are, with at most one reader at a time. */
export interface SourcePlace {
  append(texts: readonly string[]): Promise<void>
  /** Opens a reader that goes on where the one before settled; before the first record when none has. */
  open(): Promise<Source>
  /** Everything below the position need not be read again. */
  settle(position: Position): void
  /** The text that was appended. */
  textOf(record: RawRecord): string
  close(): Promise<void>
}

/** What is told of a record, wherever it is read. */
const placed = (place: SourcePlace, chunks: readonly SourceChunk[]) =>
  chunks.flatMap(({ records, end: { generation } }) =>
    records.map((record) => ({
      text: place.textOf(record),
      generation,
      offset: record.offset,
      line: record.line,
    })),
  )

const numbered = (word: string, count: number) =>
  Array.from({ length: count }, (_, number) => `${word} ${number} ${'.'.repeat(100)}`)

/** More than any source gives at once. */
const MANY = numbered('many', 3000)

/** Everything that is there now: a source that has nothing more, and is not behind, says that this is all. */
async function readAll(source: Source): Promise<readonly SourceChunk[]> {
  const chunks: SourceChunk[] = []
  for (;;) {
    const chunk = await source.read()
    if (chunk !== undefined) chunks.push(chunk)
    else if (source.isBehind !== true) return chunks
  }
}

/** What comes, until there are so many records: a source may learn late of what was just written. */
async function readSome(source: Source, count: number): Promise<readonly SourceChunk[]> {
  const chunks: SourceChunk[] = []
  await eventually(async () => {
    chunks.push(...(await readAll(source)))
    return chunks.reduce((sum, { records }) => sum + records.length, 0) >= count
  }, `${count} records`)
  return chunks
}

/** The position before a record. */
const before = (source: Source, { text: _, line, ...at }: ReturnType<typeof placed>[number]): Position => ({
  source: source.name,
  ...at,
  line: Math.max(0, line - 1),
})

/**
 * What every source promises that is read on after a restart.
 * @param open a new place that holds nothing
 */
export function sourceSuite(name: string, open: () => Promise<SourcePlace>): void {
  const placeFor = async (context: TestContext, texts: readonly string[]): Promise<SourcePlace> => {
    const place = await open()
    context.after(() => place.close())
    if (texts.length > 0) await place.append(texts)
    return place
  }

  test(`${name}: records come once and in order, each below the end of its chunk`, async (context) => {
    const place = await placeFor(context, MANY)
    const source = await place.open()
    const chunks = await readAll(source)
    assert.deepEqual(
      placed(place, chunks).map(({ text }) => text),
      MANY,
    )
    assert.ok(chunks.length > 1)
    let next = 0
    for (const { records, end } of chunks) {
      for (const { offset } of records) {
        assert.ok(offset >= next)
        next = offset + 1
      }
      assert.ok(end.offset >= next)
      next = end.offset
      assert.deepEqual([end.source, end.generation], [source.name, chunks[0].end.generation])
    }
    assert.equal(await source.read(), undefined)
  })

  test(`${name}: what was read and not settled comes again, under the same coordinates`, async (context) => {
    const place = await placeFor(context, MANY)
    const first = await place.open()
    const read = placed(place, await readAll(first))
    await first.close()
    assert.deepEqual(placed(place, await readAll(await place.open())), read)
  })

  test(`${name}: reading goes on exactly where it was settled`, async (context) => {
    const place = await placeFor(context, MANY)
    const first = await place.open()
    const chunks = await readAll(first)
    const read = placed(place, chunks)
    place.settle(chunks[0].end)
    await first.close()
    const second = await place.open()
    assert.deepEqual(placed(place, await readAll(second)), read.slice(chunks[0].records.length))
    place.settle(before(second, read[2345]))
    await second.close()
    const third = await place.open()
    const last = await readAll(third)
    assert.deepEqual(placed(place, last), read.slice(2345))
    place.settle(last.at(-1)!.end)
    await third.close()
    assert.deepEqual(placed(place, await readAll(await place.open())), [])
  })

  test(`${name}: what is written while it is read comes behind the rest, and so after a restart`, async (context) => {
    const place = await placeFor(context, ['a', 'b'])
    const first = await place.open()
    const read = [...(await readAll(first))]
    await place.append(['c'])
    read.push(...(await readSome(first, 1)))
    place.settle(read.at(-1)!.end)
    await place.append(['d', 'e'])
    await first.close()
    const second = await place.open()
    read.push(...(await readAll(second)))
    await place.append(['f'])
    read.push(...(await readSome(second, 1)))
    const all = placed(place, read)
    assert.equal(all.map(({ text }) => text).join(''), 'abcdef')
    assert.equal(new Set(all.map(({ generation }) => generation)).size, 1)
    assert.deepEqual(
      all.map(({ offset }) => offset),
      [...new Set(all.map(({ offset }) => offset))].sort((a, b) => a - b),
    )
  })

  test(`${name}: nothing there is nothing to wait for, and no end`, async (context) => {
    const place = await placeFor(context, [])
    const source = await place.open()
    assert.deepEqual(placed(place, await readAll(source)), [])
    assert.deepEqual([source.ended, source.isBehind ?? false], [false, false])
    await place.append(['a'])
    assert.deepEqual(
      placed(place, await readSome(source, 1)).map(({ text }) => text),
      ['a'],
    )
    assert.equal(source.ended, false)
  })

  test(`${name}: closing twice is closing once`, async (context) => {
    const place = await placeFor(context, ['a'])
    const source = await place.open()
    const chunks = await readAll(source)
    place.settle(chunks.at(-1)!.end)
    await source.close()
    await source.close()
    await place.append(['b'])
    assert.deepEqual(
      placed(place, await readAll(await place.open())).map(({ text }) => text),
      ['b'],
    )
  })
}

const CALL = JSON.stringify({ kind: 'call', time: 1_770_000_000_000, caller: 'a', callee: 'b' })

/** What every source promises that gives what others wrote, whatever that is. */
export function badRecordsSuite(name: string, open: () => Promise<SourcePlace>): void {
  test(`${name}: what is empty, too large or no record holds up nothing`, async (context) => {
    const place = await open()
    context.after(() => place.close())
    const longest = 'x'.repeat(RECORD_LIMIT)
    await place.append([CALL, '', ' \t ', longest, `${longest}x`, longest.repeat(300), 'no json', CALL])
    const source = await place.open()
    const chunks = await readAll(source)
    const records = chunks.flatMap((chunk) => chunk.records)
    const outcomes = records.map((record) => parseRecord(record, 'auto', testContext()))
    assert.deepEqual(
      outcomes.filter((it) => it !== 'empty').map((it) => (typeof it === 'string' ? it : 'events')),
      ['events', 'not-json', 'too-large', 'too-large', 'not-json', 'events'],
    )
    for (const { from, to } of records) assert.ok(to - from <= RECORD_LIMIT)
    place.settle(chunks.at(-1)!.end)
    await source.close()
    assert.deepEqual(await readAll(await place.open()), [])
  })
}

/**
 * What every source promises that has an end.
 * @param open a source of exactly these records
 */
export function endingSourceSuite(name: string, open: (texts: readonly string[]) => Promise<Source>): void {
  for (const texts of [MANY, ['only'], []]) {
    test(`${name}: has ended when all of ${texts.length} was read, and not before`, async () => {
      const source = await open(texts)
      const read: string[] = []
      while (!source.ended) {
        const chunk = await source.read()
        read.push(...(chunk?.records ?? []).map(({ text }) => text))
      }
      assert.deepEqual(read, texts)
      assert.equal(await source.read(), undefined)
      await source.close()
      await source.close()
      assert.equal(source.ended, true)
    })
  }
}
