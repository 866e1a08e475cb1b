import {
  type BatchColumns,
  type Column,
  type ColumnName,
  mapColumns,
  newColumns,
  ROW,
} from '../domain/batch.ts'
import { MAX_TIME } from '../domain/instant.ts'
import { type Narrow, type Steps, widenNumbers } from './batch-numbers.ts'

/** What a batch says beside its columns that they are checked against. */
export interface ColumnLimits {
  readonly rows: number
  /** Texts that index columns may point to. */
  readonly texts: number
  readonly sources: number
}

/** Columns of indexes into the dictionary, those of few different texts first. */
export const INDEX_COLUMNS = [
  'credentialKind',
  'credentialIssuer',
  'status',
  'caller',
  'callee',
  'reporter',
  'workload',
  'address',
  'operation',
  'credentialId',
  'fingerprint',
  'connection',
  'detail',
] as const satisfies readonly ColumnName[]

type IndexColumn = (typeof INDEX_COLUMNS)[number]

const TEMPLATE = newColumns(0)
export const ALL_COLUMNS = Object.keys(TEMPLATE) as readonly ColumnName[]
const IS_INDEX: Readonly<Partial<Record<ColumnName, true>>> = Object.fromEntries(
  INDEX_COLUMNS.map((name) => [name, true]),
)

/** Every other column. */
export const NUMBER_COLUMNS = ALL_COLUMNS.filter(
  (name): name is Exclude<ColumnName, IndexColumn> => !IS_INDEX[name],
)

/**
 * The wanted columns as the analyzer reads them, from what came, and the others as if they had not come; undefined when
 * something in the wanted ones cannot be.
 */
export function readColumns(
  came: Readonly<Record<string, unknown>>,
  limits: ColumnLimits,
  wanted: readonly ColumnName[],
): BatchColumns | undefined {
  let isSound = true
  const columns = mapColumns(TEMPLATE, (template, name) => {
    const own = wanted.includes(name) ? came[name] : undefined
    const column = IS_INDEX[name] ? readIndexes(own, limits) : readNumbers(own, name, limits.rows)
    if (column === undefined) isSound = false
    return (column ?? template) as typeof template
  })
  return isSound && areKindsSound(columns, limits) ? columns : undefined
}

/** Columns of absent values, of whatever kind, lie over each other: they are for reading only. */
let zeros = new ArrayBuffer(0)

function absentValues(rows: number): ArrayBuffer {
  const bytes = rows * Float64Array.BYTES_PER_ELEMENT
  if (zeros.byteLength < bytes) zeros = new ArrayBuffer(bytes)
  return zeros
}

function readIndexes(came: unknown, { rows, texts }: ColumnLimits): Uint32Array | undefined {
  if (came === undefined) return new Uint32Array(absentValues(rows), 0, rows)
  if (typeof came === 'number')
    return Number.isInteger(came) && came >= 0 && came < texts ? new Uint32Array(rows).fill(came) : undefined
  if (!isNarrow(came) || came.length !== rows) return undefined
  const indexes = came instanceof Uint32Array ? came : new Uint32Array(came)
  return highestOf(indexes) < texts ? indexes : undefined
}

function isNarrow(came: unknown): came is Narrow {
  return came instanceof Uint8Array || came instanceof Uint16Array || came instanceof Uint32Array
}

function highestOf(indexes: Uint32Array): number {
  let highest = 0
  for (let i = 0; i < indexes.length; i++) if (indexes[i] > highest) highest = indexes[i]
  return highest
}

type ColumnKind = new (from: ArrayBuffer | Float64Array, at?: number, rows?: number) => Column

function readNumbers(came: unknown, name: ColumnName, rows: number): Column | undefined {
  const Kind = TEMPLATE[name].constructor as ColumnKind
  if (came === undefined) return new Kind(absentValues(rows), 0, rows)
  const isWide = Kind === Float64Array
  const numbers = wideNumbers(came, isWide ? new Float64Array(rows) : narrowedLater(rows))
  if (numbers?.length !== rows || !areNumbers(numbers, name)) return undefined
  return isWide ? numbers : new Kind(numbers)
}

function isSteps(came: unknown): came is Steps {
  if (typeof came !== 'object' || came === null) return false
  const { base, steps } = came as Partial<Steps>
  return Number.isSafeInteger(base) && isNarrow(steps)
}

/** Numbers of a column that are narrowed at once, overwritten by those of the next. */
let passing = new Float64Array(0)

function narrowedLater(rows: number): Float64Array {
  if (passing.length < rows) passing = new Float64Array(rows)
  return passing.subarray(0, rows)
}

/** @param numbers one entry a row, overwritten, which may become the result */
function wideNumbers(came: unknown, numbers: Float64Array): Float64Array | undefined {
  if (came instanceof Float64Array) return came
  if (typeof came === 'number') return numbers.fill(came)
  if (!isSteps(came) || came.steps.length !== numbers.length) return undefined
  widenNumbers(came, numbers)
  return numbers
}

const IS_INSTANT: Readonly<Partial<Record<ColumnName, true>>> = {
  time: true,
  start: true,
  connectionStart: true,
}

/**
 * An instant or count that is no number would spoil every sum it enters, and an instant that no date can show ends who
 * is to tell of it; only a connection may have no start.
 */
function areNumbers(numbers: Float64Array, name: ColumnName): boolean {
  const mayBeAbsent = name === 'connectionStart'
  const lowest = IS_INSTANT[name] ? 0 : -Number.MAX_VALUE
  const highest = IS_INSTANT[name] ? MAX_TIME : Number.MAX_VALUE
  let spoiled = 0
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]
    if (!(number >= lowest && number <= highest) && !(mayBeAbsent && Number.isNaN(number))) spoiled++
  }
  return spoiled === 0
}

/** Kinds that rows may have; the first four come from a source. */
const KINDS = [ROW.call, ROW.use, ROW.call | ROW.use, ROW.lifecycle, ROW.fact, ROW.decision, ROW.watermark]
const FROM_SOURCES = 4
const RANK_OF_KIND = Uint8Array.from({ length: 256 }, (_, kind) => KINDS.indexOf(kind) + 1)

function areKindsSound({ kind, source }: BatchColumns, { sources }: ColumnLimits): boolean {
  for (let i = 0; i < kind.length; i++) {
    const rank = RANK_OF_KIND[kind[i]]
    if (rank === 0 || (rank <= FROM_SOURCES && source[i] >= sources)) return false
  }
  return true
}
