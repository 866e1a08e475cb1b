import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RawRecord } from '../../domain/ports.ts'
import { cutLines, endLines, lineFrame } from '../../io/frame.ts'

interface Cut {
  readonly text: string
  readonly bytes: string
  readonly offset: number
  readonly line: number
  readonly length: number
}

const plain = (record: RawRecord): Cut => ({
  text: record.text,
  bytes: Buffer.from(record.chunk.subarray(record.from, record.to)).toString('hex'),
  offset: record.offset,
  line: record.line,
  length: record.length,
})

function cutAll(chunks: readonly Uint8Array[], maxRecordBytes?: number): Cut[] {
  const frame = lineFrame({ offset: 0, line: 0 }, maxRecordBytes)
  const records = chunks.flatMap((chunk) => cutLines(frame, chunk))
  return [...records, ...endLines(frame)].map(plain)
}

/** The same by the simplest means: split the whole. */
function expected(bytes: Buffer, maxRecordBytes: number): Cut[] {
  const cuts: Cut[] = []
  for (let from = 0, line = 1; from < bytes.length; line++) {
    const newline = bytes.indexOf(10, from)
    const end = newline < 0 ? bytes.length : newline
    let part = bytes.subarray(from, end)
    const length = part.length
    const isOver = length > maxRecordBytes
    if (isOver) part = part.subarray(0, Math.min(65_536, maxRecordBytes))
    else {
      if (from === 0 && part.toString('hex', 0, 3) === 'efbbbf') part = part.subarray(3)
      if (part.at(-1) === 13) part = part.subarray(0, -1)
    }
    if (isOver || /[^ \t\v\f\r\n]/.test(part.toString('latin1'))) {
      const size = isOver ? length : part.length
      cuts.push({ text: part.toString(), bytes: part.toString('hex'), offset: from, line, length: size })
    }
    from = end + 1
  }
  return cuts
}

function splitAt(bytes: Buffer, borders: readonly number[]): Buffer[] {
  const at = [0, ...borders.map((border) => border % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

const piece = fc.oneof(
  fc.constantFrom(
    '\n',
    '\r\n',
    '\r',
    ' ',
    '\t',
    '\u0000',
    '\ufeff',
    'é',
    '→',
    '🙂',
    '{"a":1}',
    'x'.repeat(40),
  ),
  fc.string(),
)
const bytesOf = fc.oneof(
  fc.array(piece).map((parts) => Buffer.from(parts.join(''))),
  fc
    .array(
      fc.oneof(fc.constantFrom(10, 13, 32, 0xef, 0xbb, 0xbf, 0xff, 65), fc.integer({ min: 0, max: 255 })),
    )
    .map((parts) => Buffer.from(parts)),
)

test('any bytes cut at any borders give the records of the whole', () => {
  fc.assert(
    fc.property(bytesOf, fc.array(fc.nat()), fc.integer({ min: 1, max: 60 }), (bytes, borders, limit) => {
      assert.deepEqual(cutAll(splitAt(bytes, borders), limit), expected(bytes, limit))
    }),
    { numRuns: 3000 },
  )
})

test('a line as long as the limit is whole, one byte more is cut to its beginning', () => {
  const limit = 100_000
  const text = `${'a'.repeat(limit)}\n${'b'.repeat(limit + 1)}\nnext\n`
  const [whole, over, next] = cutAll([Buffer.from(text)], limit)
  assert.deepEqual([whole.text.length, whole.length], [limit, limit])
  assert.deepEqual([over.text.length, over.length], [65_536, limit + 1])
  assert.deepEqual([next.text, next.line, next.offset], ['next', 3, 2 * limit + 3])
})

test('an endless line is counted, not accumulated', () => {
  const frame = lineFrame({ offset: 0, line: 0 })
  const chunk = new Uint8Array(65_536).fill(65)
  for (let i = 0; i < 1000; i++) {
    assert.deepEqual(cutLines(frame, chunk), [])
    assert.ok(frame.held.length <= 1_048_576)
  }
  assert.equal(frame.held.length, 65_536)
  const [record] = cutLines(frame, Buffer.from('\nshort\n'))
  assert.equal(record.length, 65_536_000)
  assert.equal(record.to - record.from, 65_536)
})

test('the place to start again is the beginning of the unfinished line', () => {
  const frame = lineFrame({ offset: 10, line: 2 })
  cutLines(frame, Buffer.from('one\ntwo\nthr'))
  assert.deepEqual([frame.offset, frame.line], [18, 4])
})
