import { createInterner, type Interner } from './interner.ts'
import { createPairIndex, type PairIndex } from './pair-index.ts'
import { createTable, type Layout, type Table } from './table.ts'

/**
 * What one analyzer partition remembers: tables of identities, edges, credentials, connections and seasons. The
 * engine's own columns are here; a detector's columns stand in the same rows under the detector's name.
 */

/** Times are epoch seconds in u32 columns (`…S`), epoch ms in f64 columns (`…At`). */
export const IDENTITY = {
  firstAt: 'f64',
  lastAt: 'f64',
  /** Running median of the gap between two signs of life, ms. */
  gapMs: 'f32',
  /** Trusted edges that lead here, over all partitions. */
  inDegree: 'u32',
  /** Edges that leave from here, in this partition. */
  outDegree: 'u32',
  season: 'u32',
  /** Trusted callees, the newest 24, as identity + 1. */
  peers: 'u32*24',
  peerCount: 'u32',
  activeHour: 'u32',
  /** Edge that it used last, as row + 1. */
  lastEdge: 'u32',
  activeHours: 'u32',
  /** Hours in which an edge of this caller was used, summed over its edges. */
  edgeHours: 'u32',
} as const satisfies Layout

/** The newest two sightings' coordinates ride in every edge row. */
export const EVIDENCE_PER_EDGE = 2

export const EDGE = {
  caller: 'u32',
  callee: 'u32',
  firstS: 'u32',
  lastS: 'u32',
  calls: 'u32',
  season: 'u32',
  evidenceOffset: `f64*${EVIDENCE_PER_EDGE}`,
  evidenceLine: `u32*${EVIDENCE_PER_EDGE}`,
  evidenceSource: `u16*${EVIDENCE_PER_EDGE}`,
  lastDay: 'u16',
  days: 'u8',
  flags: 'u8',
} as const satisfies Layout

export const CREDENTIAL = {
  issuer: 'u32',
  /** Next credential with the same kind and id from another issuer, as row + 1. */
  nextIssuer: 'u32',
  /** First credential with this kind and id, as row + 1: the row that its key is bound to. */
  head: 'u32',
  /** Newest connection that presented it, as row + 1. */
  connections: 'u32',
  lastAt: 'f64',
  /** End of its validity as its issuer said; 0 when none did. */
  notAfter: 'f64',
  /** 1 when it was reported revoked: it is remembered while others make room. */
  pinned: 'u8',
} as const satisfies Layout

/** Sightings kept of each connection: the first ones, in the order they came. */
export const EVIDENCE_PER_CONNECTION = 8

export const CONNECTION = {
  reporter: 'u32',
  key: 'u32',
  credential: 'u32',
  address: 'u32',
  /** Neighbours among the connections of the same credential, as row + 1. */
  next: 'u32',
  previous: 'u32',
  caller: 'u32',
  callee: 'u32',
  uses: 'u32',
  startAt: 'f64',
  firstUseAt: 'f64',
  lastUseAt: 'f64',
  evidenceOffset: `f64*${EVIDENCE_PER_CONNECTION}`,
  evidenceAt: `f64*${EVIDENCE_PER_CONNECTION}`,
  evidenceLine: `u32*${EVIDENCE_PER_CONNECTION}`,
  evidenceSource: `u16*${EVIDENCE_PER_CONNECTION}`,
  evidenceCount: 'u8',
  flags: 'u8',
} as const satisfies Layout

/** Mean count of each slot, visits of each, and the mean over all slots. */
export const SEASON = { level: 'f32', mean: 'f32*48', visits: 'u8*48' } as const satisfies Layout

/** Rows of identities. */
export const FOREIGN = { caller: 'u32', callee: 'u32' } as const satisfies Layout

/** Bits of an edge's `flags`. `counted`: its callee's in-degree has it. */
export const EDGE_FLAG = { trusted: 1, succeeded: 2, counted: 4 } as const
/** Bits of a connection's `flags`. */
export const CONNECTION_FLAG = { startKnown: 1, closed: 2 } as const

export interface State {
  readonly identities: Table<typeof IDENTITY>
  readonly edges: Table<typeof EDGE>
  readonly credentials: Table<typeof CREDENTIAL>
  readonly connections: Table<typeof CONNECTION>
  readonly seasons: Table<typeof SEASON>
  /** Names of identities and credential keys by their rows; short texts (issuers, reporters, addresses, reasons). */
  readonly identityNames: Interner
  readonly credentialKeys: Interner
  readonly texts: Interner
  /** `source NUL generation`. */
  readonly sources: Interner
  readonly edgeIndex: PairIndex
  readonly connectionIndex: PairIndex
  /** Identities of one role, by role. */
  readonly roles: Map<string, number[]>
  /** Trusted edges of other partitions. */
  readonly foreign: Table<typeof FOREIGN>
  readonly foreignIndex: PairIndex
}

/** Detectors' columns, by table, as `<detector>_<column>`. */
export interface OwnColumns {
  readonly identity: Layout
  readonly edge: Layout
  readonly credential: Layout
  readonly connection: Layout
}

/** State without rows. */
export function createState(own: OwnColumns): State {
  const foreign = createTable('foreign', FOREIGN)
  const edges = createTable('edge', { ...EDGE, ...own.edge }) as Table<typeof EDGE>
  const connections = createTable('connection', { ...CONNECTION, ...own.connection }) as Table<
    typeof CONNECTION
  >
  return {
    identities: createTable('identity', { ...IDENTITY, ...own.identity }) as Table<typeof IDENTITY>,
    edges,
    credentials: createTable('credential', { ...CREDENTIAL, ...own.credential }) as Table<typeof CREDENTIAL>,
    connections,
    seasons: createTable('season', SEASON),
    identityNames: createInterner(),
    credentialKeys: createInterner(),
    texts: createInterner(),
    sources: createInterner(),
    edgeIndex: createPairIndex(edges, edges.at.caller, edges.at.callee),
    connectionIndex: createPairIndex(connections, connections.at.reporter, connections.at.key),
    roles: new Map(),
    foreign,
    foreignIndex: createPairIndex(foreign, foreign.at.caller, foreign.at.callee),
  }
}

/** Offsets of a detector's own columns in a table, by their short names. */
export function ownColumns<L extends Layout>(
  table: Table,
  detector: string,
  layout: L,
): { readonly [C in keyof L]: number } {
  const at = table.at as Record<string, number>
  return Object.fromEntries(Object.keys(layout).map((column) => [column, at[`${detector}_${column}`]])) as {
    [C in keyof L]: number
  }
}
