import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { JUDGED_COLUMNS } from '../../analyzer/judged-batch.ts'
import {
  type BatchColumns,
  type Column,
  type EventBatch,
  mapColumns,
  newColumns,
  ROW,
} from '../../domain/batch.ts'
import { isPlausible } from '../../domain/instant.ts'
import { decodeBatch, encodeBatch, MOST_BATCH_ROWS } from '../../io/batch-codec.ts'
import { encodeWithin } from '../../io/batch-split.ts'

const INDEX: readonly string[] = [
  'caller',
  'callee',
  'operation',
  'credentialKind',
  'credentialIssuer',
  'credentialId',
  'address',
  'fingerprint',
  'workload',
  'reporter',
  'connection',
  'status',
  'detail',
]
const KINDS = [1, 2, 3, ROW.lifecycle, ROW.fact, ROW.decision, ROW.watermark]
const SOURCES = [
  { source: 'a', generation: '1' },
  { source: 'b', generation: '7f' },
]

/** What a row of a kind has in `detail`: the decoder takes nothing else. */
const DETAILS: Readonly<Record<number, string>> = {
  [ROW.lifecycle]: '{"action":"revoked","reason":"keyCompromise"}',
  [ROW.fact]: '{"fact":"incident","caller":"a","until":1,"time":1}',
  [ROW.decision]: '{"decision":"expected","caller":"a","author":"b","reason":"c","time":1,"expiresAt":2}',
}

const instant = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_060_000 }),
  fc.double({ min: 0, max: 2e12, noNaN: true }),
  fc.constant(0),
)

/** Values of one column: often all alike, often within a narrow range. */
function values(name: string, column: Column, texts: number): fc.Arbitrary<number> {
  if (name === 'kind') return fc.constantFrom(...KINDS)
  if (name === 'source') return fc.nat(SOURCES.length - 1)
  if (INDEX.includes(name)) return fc.nat(texts - 1)
  if (name === 'connectionStart') return fc.oneof(instant, fc.constant(Number.NaN))
  if (column instanceof Float64Array) return fc.oneof(instant, fc.nat(300))
  return column instanceof Uint8Array ? fc.nat(63) : fc.nat(0xffffffff)
}

const batches: fc.Arbitrary<EventBatch> = fc
  .tuple(fc.nat(40), fc.array(fc.string({ unit: 'binary' }), { maxLength: 300 }))
  .chain(([rows, words]) => {
    const strings = ['', ...Object.values(DETAILS), ...new Set(words.filter((word) => word !== ''))]
    const zero = newColumns(rows)
    const columns = Object.entries(zero).map(([name, column]) => {
      const value = values(name, column, strings.length)
      const some = fc.array(value, { minLength: rows, maxLength: rows })
      return fc.oneof(
        some,
        value.map((one) => Array(rows).fill(one)),
      )
    })
    return fc.tuple(...columns).map((drawn) => {
      for (const [at, column] of (Object.values(zero) as Column[]).entries()) column.set(drawn[at])
      for (const [row, kind] of zero.kind.entries())
        if (DETAILS[kind] !== undefined) zero.detail[row] = strings.indexOf(DETAILS[kind])
      const positions = [{ source: 'a', generation: '1', offset: 2 ** 40, line: 12 }]
      return { version: 1, partition: 3, rows, strings, sources: SOURCES, columns: zero, positions }
    })
  })

const NAMES = Object.keys(newColumns(0)) as (keyof BatchColumns)[]

/** A batch with its texts in place of indexes: what two batches with different dictionaries have in common. */
function told({ strings, columns, ...rest }: EventBatch) {
  const cells = NAMES.map((name) => [
    name,
    Array.from(columns[name], (cell) => (INDEX.includes(name) ? strings[cell] : cell)),
  ])
  return { ...rest, columns: Object.fromEntries(cells) }
}

const isJudged = (name: string): boolean => JUDGED_COLUMNS.some((judged) => judged === name)

function decoded(bytes: Uint8Array): EventBatch {
  const answer = decodeBatch(bytes)
  assert.ok(answer.ok, `refused: ${answer.ok || answer.reason}`)
  return answer.batch
}

/** A batch of calls from a few services, with room to spare in its columns as a packer has it. */
function sample(rows: number): EventBatch {
  const columns = newColumns(rows + 100)
  for (let i = 0; i < rows; i++) {
    columns.kind[i] = ROW.call
    columns.time[i] = 1_700_000_000_000 + i * 5
    columns.start[i] = columns.time[i] - (i % 40)
    columns.connectionStart[i] = i % 2 === 0 ? Number.NaN : columns.time[i] - 60_000
    columns.offset[i] = 5_000_000_000 + i * 750
    columns.caller[i] = 1 + (i % 7)
    columns.callee[i] = 900 + (i % 9)
    columns.count[i] = 1
  }
  const strings = Array.from({ length: 1000 }, (_, i) => (i === 0 ? '' : `service-${i}`))
  const positions = [{ ...SOURCES[0], offset: 6_000_000_000, line: 0 }]
  return { version: 1, partition: 0, rows, strings, sources: SOURCES, columns, positions }
}

const cut = (batch: EventBatch): EventBatch => ({
  ...batch,
  columns: mapColumns(batch.columns, (column) => column.subarray(0, batch.rows) as typeof column),
})

describe('a batch as bytes', () => {
  test('comes back with every row, in columns of the same types', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const back = decoded(encodeBatch(batch))
        assert.deepEqual(told(back), told(batch))
        for (const name of NAMES) {
          assert.equal(back.columns[name].constructor, batch.columns[name].constructor, name)
          assert.equal(back.columns[name].length, batch.rows, name)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('holds only the rows and texts in use', () => {
    const batch = sample(50)
    const back = decoded(encodeBatch(batch))
    assert.deepEqual(told(back), told(cut(batch)))
    const used = [1, 2, 3, 4, 5, 6, 7, 900, 901, 902, 903, 904, 905, 906, 907, 908]
    assert.deepEqual([...back.strings].sort(), ['', ...used.map((i) => `service-${i}`)].sort())
  })

  test('is small: constants cost nothing, what lies close together two bytes at most', () => {
    const [small, large] = [1000, 2000].map((rows) => encodeBatch(sample(rows)).length)
    assert.ok((large - small) / 1000 <= 1 + 1 + 2 + 2 + 2 + 4, `${(large - small) / 1000} bytes a row`)
  })

  test('keeps the first bytes when another batch is encoded', () => {
    const first = encodeBatch(sample(2000))
    const copy = Buffer.from(first)
    for (let i = 0; i < 5; i++) encodeBatch(sample(3000))
    assert.deepEqual(first, copy)
  })

  test('is not tied to the bytes it came from', () => {
    const bytes = Buffer.from(encodeBatch(cut(sample(300))))
    const back = decoded(bytes)
    bytes.fill(0xff)
    assert.deepEqual(told(back), told(cut(sample(300))))
  })

  const publication = {
    publisher: 'host-1',
    at: 1_700_000_009_000,
    marks: [{ source: 'mesh/0', frontier: 1_700_000_000_000, isDrained: true, isOwn: false }],
  }

  test('carries who published it', () => {
    assert.deepEqual(decoded(encodeBatch({ ...sample(1), publication })).publication, publication)
    assert.equal('publication' in decoded(encodeBatch(sample(1))), false)
  })

  test('goes in pieces when it is too large, of which only the last has positions and marks', () => {
    const batch = { ...cut(sample(2000)), publication }
    const pieces = encodeWithin(batch, 6000)
    const back = pieces.map(decoded)
    assert.ok(pieces.length > 2 && pieces.every(({ length }) => length <= 6000))
    assert.deepEqual(
      back.flatMap(({ columns }) => [...columns.offset]),
      [...batch.columns.offset],
    )
    assert.deepEqual(
      back.map((piece) => [piece.positions, piece.publication]),
      back.map((_, at) =>
        at === back.length - 1 ? [batch.positions, publication] : [[], { ...publication, marks: [] }],
      ),
    )
    assert.equal(encodeWithin(sample(1), 1).length, 1)
  })

  test('is refused by the writer when no reader would take it', () => {
    const batch = { ...sample(1), rows: MOST_BATCH_ROWS + 1 }
    assert.throws(() => encodeBatch(batch), RangeError)
  })
})

describe('a batch of which some columns are wanted', () => {
  test('has them as the others have them, and no value in the rest', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const bytes = encodeBatch(batch)
        const answer = decodeBatch(bytes, JUDGED_COLUMNS)
        assert.ok(answer.ok)
        const whole = decoded(bytes).columns
        const absent = newColumns(batch.rows)
        for (const name of NAMES)
          assert.deepEqual(answer.batch.columns[name], (isJudged(name) ? whole : absent)[name], name)
      }),
    )
  })
})

describe('hostile bytes', () => {
  const bytes = encodeBatch(sample(40))

  test('of any kind are refused without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (random) => {
        assert.equal(decodeBatch(random).ok, false)
      }),
      { numRuns: 2000 },
    )
  })

  test('cut off anywhere are refused', () => {
    for (let end = 0; end < bytes.length; end++)
      assert.equal(decodeBatch(bytes.subarray(0, end)).ok, false, `cut at ${end}`)
    assert.equal(decodeBatch(Buffer.concat([bytes, Buffer.of(0)])).ok, false)
  })

  test('changed in places give a refusal or a batch within its bounds', () => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const changed = Buffer.from(bytes)
        for (const [at, byte] of changes) changed[at] = byte
        const answer = decodeBatch(changed)
        if (answer.ok) checkBounds(answer.batch)
      }),
      { numRuns: 5000 },
    )
  })
})

function checkBounds({ rows, strings, sources, columns }: EventBatch): void {
  for (const name of NAMES) assert.equal(columns[name].length, rows)
  for (const text of strings) assert.equal(typeof text, 'string')
  for (let i = 0; i < rows; i++) {
    for (const name of INDEX) assert.ok(columns[name as 'caller'][i] < strings.length, name)
    assert.ok(KINDS.includes(columns.kind[i]))
    if (columns.kind[i] <= ROW.lifecycle) assert.ok(columns.source[i] < sources.length)
    assert.ok(isPlausible(columns.time[i]) && isPlausible(columns.start[i]))
    assert.ok(Number.isFinite(columns.offset[i]))
  }
}
