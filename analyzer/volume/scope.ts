import { ownColumns } from '../engine/state.ts'
import type { Table } from '../engine/table.ts'
import type { World } from '../engine/world.ts'

/** Name of the detector that these rules are, and that its columns are kept under. */
const DETECTOR = 'volume'

export const COLUMNS = {
  mean0: 'f32',
  mean1: 'f32',
  variance0: 'f32',
  variance1: 'f32',
  n0: 'u16',
  n1: 'u16',
} as const

/** Windows of one length: where their level is kept, how much they shrink to the peers, how far back they remember. */
export const LENGTHS = [
  {
    lengthMs: 60_000,
    label: '1m',
    noun: 'minute',
    columns: { mean: 'mean0', variance: 'variance0', n: 'n0' },
    shrink: 200,
    memory: 2880,
  },
  {
    lengthMs: 3_600_000,
    label: '60m',
    noun: 'hour',
    columns: { mean: 'mean1', variance: 'variance1', n: 'n1' },
    shrink: 24,
    memory: 336,
  },
] as const

export type Kind = 'edge' | 'identity'

/** What is judged and learned by itself: the rows of one kind, in windows of one length. */
export interface Scope {
  readonly world: World
  readonly kind: Kind
  readonly length: (typeof LENGTHS)[number]
  /** Of its channel. */
  readonly name: string
  readonly table: Table
  /** Offsets of the columns: mean and variance of the counts, how many were learned, the last window of them. */
  readonly mean: number
  readonly variance: number
  readonly n: number
  readonly learned: number
  readonly season: number
  firstAt(row: number): number
  caller(row: number): number
  /** Typical level of the caller's peers. */
  prior(caller: number): number
  /** Level that one row in a hundred exceeds. */
  p99(): number
}

export function scopeOf(world: World, kind: Kind, length: Scope['length']): Scope {
  const { identities, edges } = world.state
  const isEdge = kind === 'edge'
  const table: Table = isEdge ? edges : identities
  const name = `${DETECTOR}/${kind}/${length.label}`
  const own = ownColumns(table, DETECTOR, COLUMNS)
  return {
    world,
    kind,
    length,
    name,
    table,
    mean: own[length.columns.mean],
    variance: own[length.columns.variance],
    n: own[length.columns.n],
    learned: (table.at as Record<string, number>)[`window${length.lengthMs}_learned`],
    season: isEdge ? edges.at.season : identities.at.season,
    firstAt: isEdge
      ? (row) => edges.u32[row * edges.words + edges.at.firstS] * 1000
      : (row) => identities.f64[row * identities.doubles + identities.at.firstAt],
    caller: isEdge ? (row) => edges.u32[row * edges.words + edges.at.caller] : (row) => row,
    prior: world.priors(name),
    p99: world.p99(name),
  }
}
