import { type Publication, ROW } from '../domain/batch.ts'
import type { JudgedBatch } from './judged-batch.ts'

/**
 * Brings what several collectors published into one stream partition into the order of event time, as one collector
 * with all of their sources would have sent it. Each publisher's rows are in order already; a row is let out when no
 * other publisher can still send an earlier one. That is a function of the log alone: wall clocks come out of it too.
 */
export interface Sequencer {
  readonly options: SequencerOptions
  /** In the order in which they were first heard of. */
  readonly publishers: Map<string, Publisher>
  readonly sources: Map<string, KnownSource>
  /** By source: the last of its rows that anybody published. */
  readonly reached: Map<string, Reached>
  /** Newest wall clock that a collector stated, epoch ms. */
  at: number
  /** Hour of the newest watermark let out; 0 before the first. */
  hour: number
  /** Rows that wait. */
  waiting: number
  /** Rows let out early because too many waited. */
  forced: number
  /** Batches of which rows wait, and those behind them, in the order of the log. */
  readonly taken: Taken[]
  base: Base
}

export interface SequencerOptions {
  /** A watermark lies this much behind the newest event. */
  readonly latenessMs: number
  /** Rows that may wait; above it the earliest goes out, whoever may be late. */
  readonly mostWaiting: number
}

/** Where the log must be read again to lose nothing, and what was known just before. */
export interface Base {
  readonly offset: number
  readonly at: number
  readonly hour: number
  readonly sources: readonly (readonly [name: string, source: KnownSource])[]
  readonly reached: readonly (readonly [source: string, last: Reached])[]
}

/** Coordinate of a row within its source. */
interface Reached {
  readonly generation: string
  offset: number
  index: number
}

interface Publisher {
  readonly queue: Taken[]
  /** Highest key so far: rows that come late go out with those that they came behind. */
  highest: number
  /** By source: key of its last row that may still wait. */
  readonly lastKeys: Map<string, number>
}

/** One batch of the log. */
interface Taken {
  readonly offset: number
  readonly batch: JudgedBatch
  readonly publisher: string
  /** Time that each row is ordered by; rises within a publisher. {@link REPEATED}: it is not to go out. */
  readonly keys: Float64Array
  /** Its sources' last rows. */
  readonly reached: readonly (readonly [source: string, last: Reached])[]
  /** First row that waits. */
  next: number
}

interface KnownSource {
  /** Who reads it; '' while nobody has. */
  readonly publisher: string
  /** When somebody who reads it spoke of it last, or anybody first, epoch ms. */
  readonly at: number
  readonly frontier: number
  readonly isDrained: boolean
}

/** Rows of one batch that are next. */
export interface Run {
  readonly batch: JudgedBatch
  readonly from: number
  readonly to: number
  /** True when the last of them is the watermark that ends an hour of event time. */
  readonly endsHour: boolean
}

const HOUR_MS = 3_600_000
/** A collector that said nothing for so long may be dead: its sources are waited for until another has them. */
const SILENT_MS = 10_000
/** A source of which nobody said anything for so long is no longer read. */
const GONE_MS = 300_000
/** Publishers without waiting rows that are remembered: each run of a collector is a new one. */
const MOST_IDLE_PUBLISHERS = 64

/** Nothing taken; goes on from a stored base when there is one. */
export function createSequencer(options: SequencerOptions, base?: Base): Sequencer {
  const begun = base ?? { offset: 0, at: 0, hour: 0, sources: [], reached: [] }
  return {
    options,
    publishers: new Map(),
    sources: new Map(begun.sources),
    reached: new Map(begun.reached),
    at: begun.at,
    hour: begun.hour,
    waiting: 0,
    forced: 0,
    taken: [],
    base: begun,
  }
}

/** Takes the batch at an offset of the log. Batches without a publication are let out as they come. */
export function pushBatch(s: Sequencer, offset: number, batch: JudgedBatch): void {
  const { publisher: name, at } = batch.publication ?? NOBODY
  const publisher: Publisher = s.publishers.get(name) ?? { queue: [], highest: 0, lastKeys: new Map() }
  s.publishers.set(name, publisher)
  const taken = { offset, batch, publisher: name, ...orderOf(s, publisher, batch), next: 0 }
  for (const { source } of batch.sources) publisher.lastKeys.set(source, publisher.highest)
  s.taken.push(taken)
  s.waiting += batch.rows
  passRepeated(s, taken)
  if (taken.next < batch.rows) publisher.queue.push(taken)
  s.at = Math.max(s.at, at)
  note(s.sources, batch.publication ?? NOBODY)
  forgetGone(s)
  moveBase(s)
}

const NOBODY: Publication = { publisher: '', at: 0, marks: [] }

/** Rows of a source that another publisher sent before, and that still wait, come first: the key of the last of them. */
function lastElsewhere(s: Sequencer, publisher: Publisher, source: string): number {
  let last = 0
  for (const other of s.publishers.values())
    if (other !== publisher && other.queue.length > 0) last = Math.max(last, other.lastKeys.get(source) ?? 0)
  return last
}

/** A row that was published before: the first time counts, whichever goes out first. */
const REPEATED = -1

/**
 * What a collector reads again after a crash, or takes over from another that had read on, comes a second time. It
 * must not put off what is new.
 */
function orderOf(s: Sequencer, publisher: Publisher, batch: JudgedBatch): Pick<Taken, 'keys' | 'reached'> {
  const { kind, time, source, offset, index } = batch.columns
  const least = batch.sources.map((each) => lastElsewhere(s, publisher, each.source))
  const last = batch.sources.map((each) => reachedOf(s, each))
  const keys = new Float64Array(batch.rows)
  for (let i = 0; i < batch.rows; i++) {
    let key = 0
    let isRepeated = false
    if (kind[i] === ROW.watermark) key = time[i] + s.options.latenessMs
    else if ((kind[i] & (ROW.fact | ROW.decision)) === 0) {
      const from = last[source[i]]
      isRepeated = offset[i] < from.offset || (offset[i] === from.offset && index[i] <= from.index)
      if (!isRepeated) {
        from.offset = offset[i]
        from.index = index[i]
      }
      key = isRepeated ? time[i] : Math.max(time[i], least[source[i]])
    }
    publisher.highest = Math.max(publisher.highest, key)
    keys[i] = isRepeated ? REPEATED : publisher.highest
  }
  const reached = batch.sources.map(({ source }, i) => [source, last[i]] as const)
  for (const [name, at] of reached) s.reached.set(name, at)
  return { keys, reached }
}

/** The last row of a source so far, to go on from; before its first when it is new, or begins anew. */
function reachedOf(s: Sequencer, { source, generation }: JudgedBatch['sources'][number]): Reached {
  const known = s.reached.get(source)
  return known?.generation === generation ? { ...known } : { generation, offset: -1, index: 0 }
}

/** Goes on behind rows that are not to go out. */
function passRepeated(s: Sequencer, taken: Taken): void {
  const { keys } = taken
  const from = taken.next
  while (taken.next < keys.length && keys[taken.next] === REPEATED) taken.next++
  s.waiting -= taken.next - from
}

function note(sources: Map<string, KnownSource>, { publisher, at, marks }: Publication): void {
  for (const { source, frontier, isDrained, isOwn } of marks) {
    const known = sources.get(source)
    if (isOwn)
      sources.set(source, { publisher, at, isDrained, frontier: Math.max(frontier, known?.frontier ?? 0) })
    else if (known === undefined) sources.set(source, { publisher: '', at, frontier, isDrained: false })
  }
}

function forgetGone(s: Sequencer): void {
  for (const [name, { at }] of s.sources)
    if (s.at - at > GONE_MS) {
      s.sources.delete(name)
      s.reached.delete(name)
    }
  if (s.publishers.size <= MOST_IDLE_PUBLISHERS) return
  for (const [name, { queue }] of s.publishers) if (queue.length === 0) s.publishers.delete(name)
}

/** The next rows that can go out; undefined while an earlier one may still come. */
export function nextRun(s: Sequencer): Run | undefined {
  let first: Taken | undefined
  let second = Number.POSITIVE_INFINITY
  for (const { queue } of s.publishers.values()) {
    if (queue.length === 0) continue
    const key = keyOf(queue[0])
    if (first === undefined || key < keyOf(first)) {
      if (first !== undefined) second = keyOf(first)
      first = queue[0]
    } else if (key < second) second = key
  }
  if (first === undefined) return undefined
  const limit = Math.min(second, holdOf(s, first.publisher))
  if (keyOf(first) <= limit) return letOut(s, first, limit)
  if (s.waiting <= s.options.mostWaiting) return undefined
  s.forced++
  return letOut(s, first, keyOf(first))
}

const keyOf = ({ keys, next }: Taken): number => keys[next]

/** Time up to which no source without waiting rows can send anything earlier, for the rows of one publisher. */
function holdOf(s: Sequencer, publisher: string): number {
  let hold = Number.POSITIVE_INFINITY
  for (const source of s.sources.values()) {
    if (source.publisher === publisher) continue
    const owner = s.publishers.get(source.publisher)
    if (owner !== undefined && owner.queue.length > 0) continue
    const isSilent = s.at - source.at > SILENT_MS
    if (!source.isDrained || isSilent) hold = Math.min(hold, source.frontier)
  }
  return hold
}

function letOut(s: Sequencer, taken: Taken, limit: number): Run {
  const { batch, keys, next: from } = taken
  let to = from
  let endsHour = false
  while (to < batch.rows && keys[to] <= limit && keys[to] !== REPEATED && !endsHour)
    endsHour = endsHourAt(s, batch, to++)
  taken.next = to
  s.waiting -= to - from
  passRepeated(s, taken)
  if (taken.next === batch.rows) {
    s.publishers.get(taken.publisher)?.queue.shift()
    moveBase(s)
  }
  return { batch, from, to, endsHour }
}

function endsHourAt(s: Sequencer, { columns }: JudgedBatch, row: number): boolean {
  if (columns.kind[row] !== ROW.watermark) return false
  const hour = Math.floor(columns.time[row] / HOUR_MS)
  const isLater = s.hour > 0 && hour > s.hour
  s.hour = Math.max(s.hour, hour)
  return isLater
}

/** Batches that are out, up to the first of which rows wait, need not be read again. */
function moveBase(s: Sequencer): void {
  if (s.taken.length === 0 || s.taken[0].next < s.taken[0].batch.rows) return
  const sources = new Map(s.base.sources)
  const reached = new Map(s.base.reached)
  let { at } = s.base
  let offset = s.base.offset
  while (s.taken.length > 0 && s.taken[0].next === s.taken[0].batch.rows) {
    const { batch, offset: last, reached: ends } = s.taken.shift()!
    for (const [name, end] of ends) reached.set(name, end)
    note(sources, batch.publication ?? NOBODY)
    at = Math.max(at, batch.publication?.at ?? 0)
    offset = last + 1
  }
  for (const name of sources.keys()) if (!s.sources.has(name)) sources.delete(name)
  for (const name of reached.keys()) if (!s.reached.has(name)) reached.delete(name)
  s.base = { offset, at, hour: s.hour, sources: [...sources], reached: [...reached] }
}
