import type { Position } from './coordinate.ts'

/**
 * Rows for one stream partition, in columns: text is an index into one dictionary, numbers are typed arrays.
 * Within one process it travels as it is, between processes as the bytes of `io/batch-codec.ts`.
 */
export interface EventBatch {
  readonly version: 1
  readonly partition: number
  readonly rows: number
  /** Index 0 is the absent value. */
  readonly strings: readonly string[]
  /** Source and generation that `columns.source` points into. */
  readonly sources: readonly { readonly source: string; readonly generation: string }[]
  readonly columns: BatchColumns
  /** Sources are wholly in the stream up to here, whether or not a row of theirs is in this batch. */
  readonly positions: readonly Position[]
  /** What a collector in a process of its own adds, so that analyzers can bring several of them into one order. */
  readonly publication?: Publication
}

/** Who published a batch, and what it knows of the event time of the sources. */
export interface Publication {
  /** A new name for each run of a collector over one set of sources: its rows are in one order. */
  readonly publisher: string
  /** Its wall clock when it published, epoch ms. */
  readonly at: number
  readonly marks: readonly Mark[]
}

/** What a collector knows of the event time of one source. */
export interface Mark {
  readonly source: string
  /** Time of the next event when that is known, else of the newest that was published, epoch ms; 0 for none yet. */
  readonly frontier: number
  /** True when the source has nothing more to read now: others need not wait for it. */
  readonly isDrained: boolean
  /** False for a source that exists and that another collector is to read. */
  readonly isOwn: boolean
}

/** Bits of `kind`: a call row may be a credential use as well, when both belong to this partition. */
export const ROW = { call: 1, use: 2, lifecycle: 4, fact: 8, decision: 16, watermark: 32 } as const

/** Bits of `flags`. `connectionReport`: the row tells of a whole connection when it closed, and of no call. */
export const FLAG = {
  verified: 1,
  client: 2,
  denied: 4,
  mtls: 8,
  plaintext: 16,
  connectionReport: 32,
} as const

/**
 * One entry a row. `Index` columns point into `strings`. A watermark row has only `time`: no row with an earlier
 * event time is expected after it. A lifecycle row has its identity in `caller`; lifecycle, fact and decision rows
 * have the rest as JSON in `detail`.
 */
export interface BatchColumns {
  readonly kind: Uint8Array
  readonly flags: Uint8Array
  /** Event time, epoch ms. */
  readonly time: Float64Array
  readonly source: Uint16Array
  readonly offset: Float64Array
  readonly line: Uint32Array
  readonly index: Uint32Array
  readonly caller: Uint32Array
  readonly callee: Uint32Array
  readonly operation: Uint32Array
  readonly credentialKind: Uint32Array
  readonly credentialIssuer: Uint32Array
  readonly credentialId: Uint32Array
  readonly address: Uint32Array
  readonly fingerprint: Uint32Array
  readonly workload: Uint32Array
  readonly reporter: Uint32Array
  readonly connection: Uint32Array
  /** Epoch ms; NaN when the row does not state it. */
  readonly connectionStart: Float64Array
  /** Start of the request, epoch ms; equals `time` when unknown. */
  readonly start: Float64Array
  readonly status: Uint32Array
  readonly bytesIn: Float64Array
  readonly bytesOut: Float64Array
  readonly count: Float64Array
  readonly detail: Uint32Array
}

/** Any column. */
export type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array
export type ColumnName = keyof BatchColumns
export type ColumnChange = <C extends Column>(column: C, name: ColumnName) => C

/** Columns of so many rows, all absent values. */
export function newColumns(rows: number): BatchColumns {
  const u32 = () => new Uint32Array(rows)
  const f64 = () => new Float64Array(rows)
  return {
    kind: new Uint8Array(rows),
    flags: new Uint8Array(rows),
    time: f64(),
    source: new Uint16Array(rows),
    offset: f64(),
    line: u32(),
    index: u32(),
    caller: u32(),
    callee: u32(),
    operation: u32(),
    credentialKind: u32(),
    credentialIssuer: u32(),
    credentialId: u32(),
    address: u32(),
    fingerprint: u32(),
    workload: u32(),
    reporter: u32(),
    connection: u32(),
    connectionStart: f64(),
    start: f64(),
    status: u32(),
    bytesIn: f64(),
    bytesOut: f64(),
    count: f64(),
    detail: u32(),
  }
}

/**
 * Columns made of columns, one by one. Written out, because an object that is filled in a loop becomes a hash table, and
 * every access to a column would be looked up in it.
 */
export function mapColumns(columns: BatchColumns, change: ColumnChange): BatchColumns {
  return {
    kind: change(columns.kind, 'kind'),
    flags: change(columns.flags, 'flags'),
    time: change(columns.time, 'time'),
    source: change(columns.source, 'source'),
    offset: change(columns.offset, 'offset'),
    line: change(columns.line, 'line'),
    index: change(columns.index, 'index'),
    caller: change(columns.caller, 'caller'),
    callee: change(columns.callee, 'callee'),
    operation: change(columns.operation, 'operation'),
    credentialKind: change(columns.credentialKind, 'credentialKind'),
    credentialIssuer: change(columns.credentialIssuer, 'credentialIssuer'),
    credentialId: change(columns.credentialId, 'credentialId'),
    address: change(columns.address, 'address'),
    fingerprint: change(columns.fingerprint, 'fingerprint'),
    workload: change(columns.workload, 'workload'),
    reporter: change(columns.reporter, 'reporter'),
    connection: change(columns.connection, 'connection'),
    connectionStart: change(columns.connectionStart, 'connectionStart'),
    start: change(columns.start, 'start'),
    status: change(columns.status, 'status'),
    bytesIn: change(columns.bytesIn, 'bytesIn'),
    bytesOut: change(columns.bytesOut, 'bytesOut'),
    count: change(columns.count, 'count'),
    detail: change(columns.detail, 'detail'),
  }
}
