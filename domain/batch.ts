import type { Position } from './coordinate.ts'

/**
 * Rows for one stream partition, in columns: text is an index into one dictionary, numbers are typed arrays.
 * Collector and analyzers are one process, in which it travels as it is; other transports come later.
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

/**
 * Columns made of columns, one by one. Written out, because an object that is filled in a loop becomes a hash table, and
 * every access to a column would be looked up in it.
 */
export function mapColumns(columns: BatchColumns, change: <C extends Column>(column: C) => C): BatchColumns {
  return {
    kind: change(columns.kind),
    flags: change(columns.flags),
    time: change(columns.time),
    source: change(columns.source),
    offset: change(columns.offset),
    line: change(columns.line),
    index: change(columns.index),
    caller: change(columns.caller),
    callee: change(columns.callee),
    operation: change(columns.operation),
    credentialKind: change(columns.credentialKind),
    credentialIssuer: change(columns.credentialIssuer),
    credentialId: change(columns.credentialId),
    address: change(columns.address),
    fingerprint: change(columns.fingerprint),
    workload: change(columns.workload),
    reporter: change(columns.reporter),
    connection: change(columns.connection),
    connectionStart: change(columns.connectionStart),
    start: change(columns.start),
    status: change(columns.status),
    bytesIn: change(columns.bytesIn),
    bytesOut: change(columns.bytesOut),
    count: change(columns.count),
    detail: change(columns.detail),
  }
}
