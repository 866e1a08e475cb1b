import { quantile } from 'simple-statistics'
import type { Engine } from './engine.ts'
import { isFrozen } from './frozen.ts'
import { addPair, removePair } from './pair-index.ts'
import { EDGE_FLAG, EVIDENCE_PER_EDGE } from './state.ts'
import { freeRow, takeRow, touch } from './table.ts'
import { announce } from './told.ts'
import { keepRows } from './windows.ts'

const DAY_MS = 86_400_000
const PEERS = 24
/** A new edge counts for the graph after it was used on this many days: one busy hour of an attacker is not enough. */
const TRUST_DAYS = 3
/** Share of the edges that leave together when the table is full. */
const EVICTED_SHARE = 0.05
/** Edges that are ranked to find out which share is the least wanted. */
const RANKED_EDGES = 2048

/** A new edge between two identities; -1 when there is no room and none can be made. */
export function makeEdge(engine: Engine, caller: number, callee: number, time: number): number {
  const { edges, identities, edgeIndex } = engine.state
  if (edges.rows - edges.free.length >= engine.options.maxEdges) evictEdges(engine)
  const edge = takeRow(edges)
  const words = edge * edges.words
  edges.u32[words + edges.at.caller] = caller
  edges.u32[words + edges.at.callee] = callee
  edges.u32[words + edges.at.firstS] = time / 1000
  addPair(edgeIndex, edge)
  identities.u32[caller * identities.words + identities.at.outDegree]++
  touch(identities, caller)
  return edge
}

/** One sighting of an edge and where it was seen. */
export interface Sighting {
  readonly time: number
  readonly source: number
  readonly offset: number
  readonly line: number
  readonly succeeded: boolean
}

/** Notes a sighting in the edge's row, and trusts the edge when it has earned it. */
export function sight(engine: Engine, edge: number, sighting: Sighting): void {
  const { edges } = engine.state
  const words = edge * edges.words
  const bytes = edge * edges.stride
  const calls = edges.u32[words + edges.at.calls]
  const slot = calls % EVIDENCE_PER_EDGE
  edges.u32[words + edges.at.calls] = calls < 0xfffffffe ? calls + 1 : calls
  edges.f64[edge * edges.doubles + edges.at.evidenceOffset + slot] = sighting.offset
  edges.u32[words + edges.at.evidenceLine + slot] = sighting.line
  edges.u16[edge * edges.halves + edges.at.evidenceSource + slot] = sighting.source
  const seconds = sighting.time / 1000
  if (seconds > edges.u32[words + edges.at.lastS]) edges.u32[words + edges.at.lastS] = seconds
  touch(edges, edge)
  if (!sighting.succeeded) return
  edges.u8[bytes + edges.at.flags] |= EDGE_FLAG.succeeded
  const day = Math.floor(sighting.time / DAY_MS) & 0xffff
  if (edges.u16[edge * edges.halves + edges.at.lastDay] !== day) {
    edges.u16[edge * edges.halves + edges.at.lastDay] = day
    if (edges.u8[bytes + edges.at.days] < 255) edges.u8[bytes + edges.at.days]++
  }
  if (
    (edges.u8[bytes + edges.at.flags] & EDGE_FLAG.trusted) === 0 &&
    earnedTrust(engine, edge, sighting.time)
  )
    trust(engine, edge, sighting.time)
}

/** In the partition's first day there is no baseline to poison; later an edge needs several days of use, and a caller without an open incident. */
function earnedTrust(engine: Engine, edge: number, time: number): boolean {
  const { edges } = engine.state
  if (isFrozen(engine, edges.u32[edge * edges.words + edges.at.caller], time)) return false
  return time < engine.clock.bornAt + DAY_MS || edges.u8[edge * edges.stride + edges.at.days] >= TRUST_DAYS
}

/** Lets an edge count for the graph: in-degree of its callee on every partition, peers of its caller here. */
export function trust(engine: Engine, edge: number, time: number): void {
  const { edges, identities, identityNames } = engine.state
  const words = edge * edges.words
  const caller = edges.u32[words + edges.at.caller]
  const callee = edges.u32[words + edges.at.callee]
  edges.u8[edge * edges.stride + edges.at.flags] |= EDGE_FLAG.trusted
  touch(edges, edge)
  const peers = caller * identities.words
  const count = identities.u32[peers + identities.at.peerCount]++
  identities.u32[peers + identities.at.peers + (count % PEERS)] = callee + 1
  touch(identities, caller)
  announce(engine, {
    fact: 'edge-trusted',
    partition: engine.options.partition,
    caller: identityNames.texts[caller] ?? '',
    callee: identityNames.texts[callee] ?? '',
    time,
  })
}

/** Takes an edge out of the state. */
export function forgetEdge(engine: Engine, edge: number): void {
  const { edges, identities, edgeIndex, seasons } = engine.state
  const words = edge * edges.words
  const caller = edges.u32[words + edges.at.caller]
  const callee = edges.u32[words + edges.at.callee]
  removePair(edgeIndex, edge)
  identities.u32[caller * identities.words + identities.at.outDegree]--
  const lastEdge = caller * identities.words + identities.at.lastEdge
  if (identities.u32[lastEdge] === edge + 1) identities.u32[lastEdge] = 0
  if (edges.u8[edge * edges.stride + edges.at.flags] & EDGE_FLAG.counted) {
    const at = callee * identities.words + identities.at.inDegree
    identities.u32[at] = Math.max(0, identities.u32[at] - 1)
    touch(identities, callee)
  }
  touch(identities, caller)
  const season = edges.u32[words + edges.at.season]
  if (season !== 0) freeRow(seasons, season)
  freeRow(edges, edge)
}

/** True for a row that holds an edge. A freed row is all zeros, and no edge was first seen in 1970. */
export function isEdge(engine: Engine, row: number): boolean {
  const { edges } = engine.state
  return (
    edges.u32[row * edges.words + edges.at.firstS] !== 0 ||
    edges.u32[row * edges.words + edges.at.calls] !== 0
  )
}

/** Makes room: edges that were never trusted go first, then those silent for longest. */
function evictEdges(engine: Engine): void {
  const { edges } = engine.state
  const rank = (row: number) =>
    edges.u32[row * edges.words + edges.at.lastS] +
    (edges.u8[row * edges.stride + edges.at.flags] & EDGE_FLAG.trusted ? 2 ** 32 : 0)
  const step = Math.max(1, Math.floor(edges.rows / RANKED_EDGES))
  const ranks: number[] = []
  for (let row = 0; row < edges.rows; row += step) if (isEdge(engine, row)) ranks.push(rank(row))
  const limit = quantile(ranks, EVICTED_SHARE)
  const most = Math.ceil(edges.rows * EVICTED_SHARE)
  let evicted = 0
  for (let row = 0; row < edges.rows && evicted < most; row++) {
    if (!isEdge(engine, row) || rank(row) > limit) continue
    forgetEdge(engine, row)
    evicted++
  }
  engine.counters.overflow++
  rebuildActive(engine)
}

/** Drops freed rows from the lists of the open windows: who takes such a row must not be closed for its predecessor. */
export function rebuildActive(engine: Engine): void {
  const { identityNames } = engine.state
  for (const { windows } of engine.counted.edge) keepRows(windows, (row) => isEdge(engine, row))
  for (const { windows } of engine.counted.identity)
    keepRows(windows, (row) => identityNames.texts[row] !== undefined)
}
