import type { Finding } from '../../domain/finding.ts'
import type { Usual, WindowWatch } from '../detector.ts'
import { noteBlind } from './blindness.ts'
import { ageSketch, sample, writeSketch } from './calibration.ts'
import { tellWindow } from './calls.ts'
import { type Counted, channelsOf, type Engine } from './engine.ts'
import { expire } from './expiry.ts'
import { isFrozen, thaw } from './frozen.ts'
import { mediansOf } from './priors.ts'
import { touch } from './table.ts'
import { announce } from './told.ts'
import {
  clearLists,
  clearRow,
  countIn,
  isReported,
  SILENCE,
  setLearned,
  setSilenceTold,
  setSteady,
  silenceOf,
} from './windows.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Windows closed one by one after a silence; a longer one is passed over, since nothing counted in it. */
const CLOSED_IN_SILENCE = 2
/** Rows whose levels make the medians: more would not change them, and would hold up the stream. */
const MOST_LEVELS = 20_000

/** Moves event time to a watermark: no row with an earlier time is expected any more. */
export function advance(engine: Engine, watermark: number): void {
  const { clock, options } = engine
  if (watermark <= clock.watermark) return
  clock.watermark = watermark
  clock.frontier = Math.max(clock.frontier, watermark + options.latenessMs)
  const said = engine.findings.length
  for (const watch of engine.credentialWatches) watch.settle(clock.frontier)
  for (const counted of [...engine.counted.edge, ...engine.counted.identity])
    closeWindows(engine, counted, watermark)
  const hour = Math.floor(watermark / HOUR_MS)
  if (hour > clock.hour) {
    if (clock.hour !== 0) closeHour(engine, hour)
    clock.hour = hour
    thaw(engine, watermark - HOUR_MS)
  }
  const day = Math.floor(watermark / DAY_MS)
  if (day > clock.day) {
    if (clock.day !== 0) expire(engine, watermark)
    clock.day = day
  }
  if (engine.findings.length > said + 1) engine.findings.push(...engine.findings.splice(said).sort(byEnd))
}

/** What is said at one instant is said in one order, whatever order its rows were in. */
function byEnd(a: Finding, b: Finding): number {
  return a.end - b.end || (a.id < b.id ? -1 : 1)
}

function closeWindows(engine: Engine, counted: Counted, watermark: number): void {
  const { windows } = counted
  const open = Math.floor(watermark / windows.lengthMs)
  if (windows.open < 0) windows.open = open
  for (let closed = 0; windows.open < open; closed++) {
    const silent = windows.active[0].length + windows.active[1].length === 0
    if (silent && closed >= CLOSED_IN_SILENCE) {
      if (awaitsAny(engine, counted))
        noteBlind(windows.blind, { from: windows.open, to: open - 1, dark: true })
      windows.open = open
      return
    }
    closeWindow(engine, counted, windows.open)
    windows.open++
  }
}

function closeWindow(engine: Engine, counted: Counted, window: number): void {
  const { windows } = counted
  const active = inOrder(windows.active[(window & 1) as 0 | 1])
  const missing = inOrder(windows.steady).filter((row) => countIn(windows, row, window) === 0)
  const blind = isBlind(engine, counted, { window, active, missing })
  if (blind) noteBlind(windows.blind, { from: window, to: window, dark: active.length === 0 })
  const isEdgeHour = windows.table === engine.state.edges && windows.lengthMs === HOUR_MS
  for (const row of active) {
    closeRow(engine, counted, row, window)
    clearRow(windows, row, window)
    if (isEdgeHour) countEdgeHour(engine, row)
  }
  if (!blind)
    for (const row of missing) {
      if (silenceOf(windows, row) === SILENCE.recorded) closeSilent(engine, counted, row, window)
      else closeRow(engine, counted, row, window)
    }
  clearLists(windows, window)
}

/** The lists are in another order after a restart, and rows that learn take seasons in turn. */
function inOrder(rows: readonly number[]): Uint32Array {
  return Uint32Array.from(rows).sort()
}

interface Sight {
  readonly window: number
  /** Rows that counted, and those that usually do and did not. */
  readonly active: Uint32Array
  readonly missing: Uint32Array
}

/**
 * When nothing counted, or less than half of what does at that hour, the source is blind rather than every row silent:
 * no drop is judged, and nothing is learned of the silence.
 */
function isBlind(engine: Engine, counted: Counted, { window, active, missing }: Sight): boolean {
  if (active.length === 0) return awaitsAny(engine, counted)
  if (active.length >= missing.length) return false
  const silent = missing.filter(
    (row) =>
      silenceOf(counted.windows, row) === SILENCE.missed &&
      counted.judged.some(({ watch }) => watch.isSteady(watch.usual(row, window))),
  )
  return active.length < silent.length
}

/** True when some row of the table is so busy that a window without any says that nothing was seen. */
function awaitsAny(engine: Engine, { windows }: Counted): boolean {
  const { edge, identity } = engine.counted
  const same = windows.table === engine.state.edges ? edge : identity
  return same.some((each) => each.windows.steady.length > 0)
}

function countEdgeHour(engine: Engine, edge: number): void {
  const { edges, identities } = engine.state
  const caller = edges.u32[edge * edges.words + edges.at.caller]
  identities.u32[caller * identities.words + identities.at.edgeHours]++
}

/** Judges the count of one row in a window that has closed, lets its score into the sketch, and learns it. */
function closeRow(engine: Engine, counted: Counted, row: number, window: number): void {
  const { windows } = counted
  const count = countIn(windows, row, window)
  const silence = silenceOf(windows, row)
  let isSteady = false
  let toldSilence: boolean | undefined
  for (const judged of counted.judged) {
    const { watch, calibrated } = judged
    const usual = watch.usual(row, window)
    isSteady ||= watch.isSteady(usual)
    const raw = rawOf(watch, usual, count)
    const reported = isReported(windows, row, window)
    if (raw !== 0) sample(calibrated, raw)
    if (!reported && raw >= calibrated.channel.recordFrom) {
      const opens = raw >= calibrated.openRaw && watch.matters(usual, count)
      tellWindow(engine, { judged, usual, count, raw, opens })
      if (count === 0) toldSilence = opens
    }
    if (!isFrozenRow(engine, counted, row, window))
      watch.learn(usual, {
        count,
        flagged: reported || raw >= calibrated.recordRaw,
        blind: windows.blind,
        wasTold: silence === SILENCE.recorded || silence === SILENCE.opened,
      })
  }
  setSteady(windows, row, isSteady)
  if (toldSilence !== undefined) setSilenceTold(windows, row, toldSilence)
  setLearned(windows, row, window)
  touch(windows.table, row)
}

/** Raw score of a closed window; the lack of calls counts where many are usual. */
function rawOf(watch: WindowWatch, usual: Usual, count: number): number {
  const confidence = watch.confidence(usual, count)
  const raw = confidence === 0 ? 0 : watch.score(usual, count) * confidence
  return raw < 0 && watch.isSteady(usual) ? -raw : raw
}

/** A row that goes on being silent after that was recorded is told once more when it comes to open an incident. */
function closeSilent(engine: Engine, counted: Counted, row: number, window: number): void {
  for (const judged of counted.judged) {
    const usual = judged.watch.usual(row, window)
    const raw = rawOf(judged.watch, usual, 0)
    if (raw < judged.calibrated.openRaw || !judged.watch.matters(usual, 0)) continue
    tellWindow(engine, { judged, usual, count: 0, raw, opens: true })
    setSilenceTold(counted.windows, row, true)
    touch(counted.windows.table, row)
  }
}

/** What a caller does while it has an open incident is not learned as normal. */
function isFrozenRow(engine: Engine, { windows }: Counted, row: number, window: number): boolean {
  const { edges } = engine.state
  const caller = windows.table === edges ? edges.u32[row * edges.words + edges.at.caller] : row
  return isFrozen(engine, caller, window * windows.lengthMs)
}

/** Tells all partitions what this one has seen: sketches of scores, medians of levels, callers of the last day. */
function closeHour(engine: Engine, hour: number): void {
  const { options, clock } = engine
  for (const channel of channelsOf(engine)) ageSketch(channel, (hour - clock.hour) / 24)
  announce(engine, {
    fact: 'calibration',
    partition: options.partition,
    time: hour * HOUR_MS,
    sketches: Object.fromEntries(
      channelsOf(engine).map(({ channel, sketch }) => [channel.name, writeSketch(sketch)]),
    ),
    priors: Object.fromEntries(
      [...engine.counted.edge, ...engine.counted.identity].flatMap((counted) =>
        counted.judged.map(({ watch, calibrated }) => [
          calibrated.channel.name,
          [...mediansOf(levels(engine, counted, watch.levelOf))].map(
            ([group, { level, p99, rows }]) => [group, level, p99, rows] as const,
          ),
        ]),
      ),
    ),
    activeSources: countActiveSources(engine, hour * HOUR_MS),
  })
}

function* levels(
  engine: Engine,
  counted: Counted,
  levelOf: (row: number) => number,
): Generator<readonly [string, number]> {
  const { edges, identities, identityNames } = engine.state
  const isEdgeTable = counted.windows.table === edges
  const step = Math.max(1, Math.floor(counted.windows.table.rows / MOST_LEVELS))
  for (let row = 0; row < counted.windows.table.rows; row += step) {
    const caller = isEdgeTable ? edges.u32[row * edges.words + edges.at.caller] : row
    const name = identityNames.texts[caller]
    const used = isEdgeTable
      ? edges.u32[row * edges.words + edges.at.calls] > 0
      : identities.u32[row * identities.words + identities.at.outDegree] > 0
    if (name !== undefined && used) yield [name, levelOf(row)]
  }
}

function countActiveSources(engine: Engine, now: number): number {
  const { identities } = engine.state
  let sources = 0
  for (let row = 0; row < identities.rows; row++) {
    const calls = identities.u32[row * identities.words + identities.at.outDegree] > 0
    if (calls && identities.f64[row * identities.doubles + identities.at.lastAt] > now - DAY_MS) sources++
  }
  return sources
}
