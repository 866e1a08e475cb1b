import { Packr } from 'msgpackr'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { ColumnName, EventBatch } from '../domain/batch.ts'
import { MAX_TIME } from '../domain/instant.ts'
import { ALL_COLUMNS, INDEX_COLUMNS, NUMBER_COLUMNS, readColumns } from './batch-columns.ts'
import { compactIndexes, createDictionary } from './batch-dictionary.ts'
import { narrowNumbers } from './batch-numbers.ts'
import { isToldRight } from './batch-told.ts'
import { isPlainMessagePack } from './plain-messagepack.ts'

/**
 * An EventBatch as one Kafka record: a MessagePack map. Only rows and texts in use travel; a column in which every
 * row has the absent value is left out, one in which all are alike is a number, others are as narrow as they can be.
 */

/** More rows than this are not taken back: columns of constants would let few bytes ask for much memory. */
export const MOST_BATCH_ROWS = 262_144
export const MOST_BATCH_BYTES = 33_554_432

/** Of the layout of the bytes; the version within the batch is that of the rows. */
const WIRE_VERSION = 1

const instant = Type.Number({ minimum: 0, maximum: MAX_TIME })
const amount = Type.Number({ minimum: 0 })
const source = { source: Type.String(), generation: Type.String() }
const wireBatch = Type.Object({
  wire: Type.Literal(WIRE_VERSION),
  version: Type.Literal(1),
  partition: Type.Integer({ minimum: 0, maximum: 65_535 }),
  rows: Type.Integer({ minimum: 0, maximum: MOST_BATCH_ROWS }),
  strings: Type.Array(Type.String(), { minItems: 1 }),
  sources: Type.Array(Type.Object(source), { maxItems: 65_536 }),
  positions: Type.Array(Type.Object({ ...source, offset: amount, line: amount })),
  publication: Type.Optional(
    Type.Object({
      publisher: Type.String(),
      at: instant,
      marks: Type.Array(
        Type.Object({
          source: Type.String(),
          frontier: instant,
          isDrained: Type.Boolean(),
          isOwn: Type.Boolean(),
        }),
      ),
    }),
  ),
  columns: Type.Record(Type.String(), Type.Unknown()),
})
const checkedBatch = Compile(wireBatch)

const packr = new Packr({ useRecords: false, moreTypes: true, mapsAsObjects: true })

/**
 * The bytes of a batch. What its rows do not use of its dictionary is left behind.
 * @throws RangeError for more rows than can be taken back
 */
export function encodeBatch(batch: EventBatch): Buffer {
  const { version, partition, rows, sources, positions, publication } = batch
  if (rows > MOST_BATCH_ROWS)
    throw new RangeError(`a batch of ${rows} rows: at most ${MOST_BATCH_ROWS} are taken back`)
  const scratch = new Uint32Array(rows)
  const dictionary = createDictionary(batch.strings)
  const columns: Record<string, unknown> = {}
  for (const name of INDEX_COLUMNS) {
    const indexes = compactIndexes(dictionary, batch.columns[name], scratch)
    if (indexes !== undefined) columns[name] = indexes
  }
  for (const name of NUMBER_COLUMNS) {
    const numbers = narrowNumbers(batch.columns[name], scratch)
    if (numbers !== undefined) columns[name] = numbers
  }
  const strings = dictionary.texts
  const head = { wire: WIRE_VERSION, version, partition, rows, sources, positions }
  return packr.pack({ ...head, ...(publication && { publication }), strings, columns })
}

/** Why bytes are no batch. `unknown-version`: another release wrote them; the others: they are damaged or forged. */
export type BatchFault =
  | 'too-large'
  | 'not-messagepack'
  | 'unknown-version'
  | 'wrong-shape'
  | 'wrong-columns'
  | 'wrong-told'

export type DecodedBatch =
  | { readonly ok: true; readonly batch: EventBatch }
  | { readonly ok: false; readonly reason: BatchFault }

/**
 * The batch in `bytes`, of which nothing is kept. Never throws.
 * @param wanted columns that will be read, with `kind`, `source` and `detail` among them; of others no row has a value
 */
export function decodeBatch(bytes: Uint8Array, wanted: readonly ColumnName[] = ALL_COLUMNS): DecodedBatch {
  if (bytes.length > MOST_BATCH_BYTES) return { ok: false, reason: 'too-large' }
  const came = unpack(bytes)
  if (came === undefined) return { ok: false, reason: 'not-messagepack' }
  if (!checkedBatch.Check(came))
    return { ok: false, reason: isOfAnotherRelease(came) ? 'unknown-version' : 'wrong-shape' }
  const { version, partition, rows, strings, sources, positions, publication } = came
  const limits = { rows, texts: strings.length, sources: sources.length }
  const columns = readColumns(came.columns, limits, wanted)
  if (columns === undefined) return { ok: false, reason: 'wrong-columns' }
  if (!isToldRight(columns, strings)) return { ok: false, reason: 'wrong-told' }
  const batch = { version, partition, rows, strings, sources, columns, positions }
  return { ok: true, batch: { ...batch, ...(publication && { publication }) } as EventBatch }
}

function unpack(bytes: Uint8Array): object | undefined {
  if (!isPlainMessagePack(bytes)) return undefined
  try {
    const came: unknown = packr.unpack(bytes)
    return typeof came === 'object' && came !== null ? came : undefined
  } catch {
    return undefined
  }
}

/** Versions are where every release has them. What has none is no batch of any. */
function isOfAnotherRelease(came: object): boolean {
  const { wire, version } = came as { readonly wire?: unknown; readonly version?: unknown }
  return isVersion(wire) && isVersion(version) && (wire !== WIRE_VERSION || version !== 1)
}

const isVersion = (it: unknown): boolean => Number.isInteger(it) && Number(it) > 0
