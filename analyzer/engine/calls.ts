import { FLAG } from '../../domain/batch.ts'
import type { Usual } from '../detector.ts'
import { log10PerDay } from '../stats/survival.ts'
import { sample } from './calibration.ts'
import { makeEdge, type Sighting, sight } from './edges.ts'
import type { Counted, Engine } from './engine.ts'
import { findPair } from './pair-index.ts'
import { alive, identityAt, type View } from './rows.ts'
import { speak } from './speak.ts'
import { EDGE_FLAG } from './state.ts'
import { touch } from './table.ts'
import { countIn, isReported, REPORTED, setGate } from './windows.ts'

/** Score of a row of which no detector had anything to say: below every real one. */
export const NO_SCORE = -12

/**
 * Takes one call row in: edge, windows, detectors.
 * @param everyRow true when each row's score is wanted, not only those that come near a finding
 * @returns −log10 of the expected false alarms a day, the highest that a detector gave
 */
export function takeCall(engine: Engine, view: View, i: number, everyRow: boolean): number {
  const c = view.batch.columns
  const flags = c.flags[i]
  if ((flags & FLAG.verified) === 0) {
    engine.counters.unverified++
    return NO_SCORE
  }
  const time = c.time[i]
  const caller = identityAt(engine, view, c.caller[i], time)
  const callee = identityAt(engine, view, c.callee[i], time)
  if (caller < 0 || callee < 0) {
    engine.counters.overflow++
    return NO_SCORE
  }
  if (engine.clock.bornAt === 0) engine.clock.bornAt = time
  const { edges, edgeIndex, identities } = engine.state
  const succeeded = (flags & FLAG.denied) === 0
  let edge = findPair(edgeIndex, caller, callee)
  const isNew = edge < 0
  if (isNew) edge = makeEdge(engine, caller, callee, time)
  const flagsAt = edge * edges.stride + edges.at.flags
  const isFirst = isNew || (succeeded && (edges.u8[flagsAt] & EDGE_FLAG.succeeded) === 0)
  const raw = isFirst ? scoreEdges(engine, edge, time) : undefined
  const call: Call = {
    time,
    source: view.sources[c.source[i]],
    offset: c.offset[i],
    line: c.line[i],
    succeeded,
    count: c.count[i],
    isClient: (flags & FLAG.client) !== 0,
    everyRow,
  }
  sight(engine, edge, call)
  let score = NO_SCORE
  if (raw !== undefined) score = meet(engine, edge, { raw, time, caller, callee })
  else if (everyRow) score = standingScore(engine, edge, time)
  identities.u32[caller * identities.words + identities.at.lastEdge] = edge + 1
  alive(engine, caller, time)
  alive(engine, callee, time)
  if (call.count === 0) return score
  const { counted } = engine
  for (let k = 0; k < counted.edge.length; k++) {
    score = Math.max(
      score,
      tally(engine, counted.edge[k], edge, call),
      tally(engine, counted.identity[k], caller, call),
    )
  }
  return score
}

interface Call extends Sighting {
  readonly count: number
  /** True when the caller's proxy reported the call. */
  readonly isClient: boolean
  readonly everyRow: boolean
}

/** Raw score of each edge watch, before anything is learned. */
function scoreEdges(engine: Engine, edge: number, time: number): number[] {
  return engine.edgeWatches.map(({ watch }) => watch.score(edge, time))
}

interface Meeting {
  readonly raw: readonly number[]
  readonly time: number
  readonly caller: number
  readonly callee: number
}

/** Judges and learns a new edge. */
function meet(engine: Engine, edge: number, { raw, time, caller, callee }: Meeting): number {
  const { identityNames } = engine.state
  let highest = NO_SCORE
  engine.edgeWatches.forEach((judged, w) => {
    const { watch, calibrated } = judged
    const bits = raw[w]
    sample(calibrated, bits)
    highest = Math.max(highest, -log10PerDay(calibrated.rate, bits))
    const names = { caller: identityNames.texts[caller] ?? '', callee: identityNames.texts[callee] ?? '' }
    if (bits >= calibrated.channel.recordFrom && !engine.world.isExpected(names.caller, names.callee, time))
      speak(engine, {
        judged,
        raw: bits,
        described: watch.describe(edge, bits),
        subject: names,
        ...names,
        opens: bits >= calibrated.openRaw,
        evidence: engine.world.evidenceOf(edge),
      })
    watch.learn(edge, time, bits)
  })
  return highest
}

/** Score of a further call on an edge that is not trusted yet: the edge is as surprising as when it was made. */
function standingScore(engine: Engine, edge: number, time: number): number {
  let highest = NO_SCORE
  for (const { watch, calibrated } of engine.edgeWatches) {
    const raw = watch.standing(edge, time)
    if (raw > 0) highest = Math.max(highest, -log10PerDay(calibrated.rate, raw))
  }
  return highest
}

/** Counts a call in the window of its time, and looks at the row when the count has come to the gate. */
function tally(engine: Engine, counted: Counted, row: number, call: Call): number {
  const { windows } = counted
  const { table, at } = windows
  const window = Math.floor(call.time / windows.lengthMs)
  const ahead = window - windows.open
  if (ahead !== 0 && ahead !== 1) {
    // A call is tallied in many windows, and the shortest of edges are the first to close: those speak for all.
    if (counted === engine.counted.edge[0]) engine.counters[ahead < 0 ? 'late' : 'early']++
    return NO_SCORE
  }
  const words = row * table.words + (window & 1)
  const { u32 } = table
  if (u32[words + at.server] + u32[words + at.client] === 0) {
    windows.active[(window & 1) as 0 | 1].push(row)
    let gate = REPORTED - 1
    for (const { watch } of counted.judged) gate = Math.min(gate, watch.gate(row, window))
    u32[words + at.gate] = gate
  }
  u32[words + (call.isClient ? at.client : at.server)] += call.count
  touch(table, row)
  const count = Math.max(u32[words + at.server], u32[words + at.client])
  if (count < u32[words + at.gate]) return call.everyRow ? scoreOf(counted, row, window, count) : NO_SCORE
  return look(engine, counted, row, window)
}

/** Confidence that a score of a learning row is shown with when every row's score is wanted. */
const LEARNING_CONFIDENCE = 0.5

/** −log10 of the expected false alarms a day of a window as it stands: the highest that a watch gives. */
function scoreOf(counted: Counted, row: number, window: number, count: number): number {
  let highest = NO_SCORE
  for (const { watch, calibrated } of counted.judged) {
    const usual = watch.usual(row, window)
    const confidence = watch.confidence(usual, count) || LEARNING_CONFIDENCE
    highest = Math.max(highest, -log10PerDay(calibrated.rate, watch.score(usual, count) * confidence))
  }
  return highest
}

/** A row that was looked at in vain is looked at again when its count has grown by so much. */
const NEXT_LOOK = 1.05

/** Judges a window that is still filling: a rise that is worth a page is told at once. */
function look(engine: Engine, counted: Counted, row: number, window: number): number {
  const { windows } = counted
  const count = countIn(windows, row, window)
  for (const judged of counted.judged) {
    const { watch, calibrated } = judged
    if (isReported(windows, row, window)) break
    const usual = watch.usual(row, window)
    const raw = watch.score(usual, count) * watch.confidence(usual, count)
    const opens = raw >= calibrated.openRaw && watch.matters(usual, count)
    setGate(windows, row, window, opens ? REPORTED : Math.ceil(count * NEXT_LOOK))
    if (opens) tellWindow(engine, { judged, usual, count, raw, opens })
  }
  return scoreOf(counted, row, window, count)
}

/** One verdict on one window. */
export interface WindowVerdict {
  readonly judged: Counted['judged'][number]
  readonly usual: Usual
  readonly count: number
  readonly raw: number
  readonly opens: boolean
}

/** Records a finding on a window of an edge or a caller. */
export function tellWindow(engine: Engine, v: WindowVerdict): void {
  const { edges, identityNames } = engine.state
  const { row } = v.usual
  const isEdge = v.judged.watch.table === 'edge'
  const caller = identityNames.texts[isEdge ? edges.u32[row * edges.words + edges.at.caller] : row] ?? ''
  const callee = isEdge
    ? (identityNames.texts[edges.u32[row * edges.words + edges.at.callee]] ?? '')
    : undefined
  const described = v.judged.watch.describe(v.usual, v.count)
  if (engine.world.isExpected(caller, callee, described.end)) return
  speak(engine, {
    judged: v.judged,
    raw: v.raw,
    described,
    subject: callee === undefined ? { identity: caller } : { caller, callee },
    caller,
    ...(callee === undefined ? {} : { callee }),
    opens: v.opens,
    evidence: isEdge ? engine.world.evidenceOf(row) : lastEdgeEvidence(engine, row),
  })
}

/** Newest sightings of the edge that a caller used last. */
function lastEdgeEvidence(engine: Engine, caller: number) {
  const { identities } = engine.state
  const edge = identities.u32[caller * identities.words + identities.at.lastEdge] - 1
  return edge < 0 ? [] : engine.world.evidenceOf(edge)
}
