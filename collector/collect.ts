import type { EventBatch } from '../domain/batch.ts'
import type { Decision, Fact } from '../domain/decision.ts'
import type { Event } from '../domain/event.ts'
import type { Reject } from '../domain/reject.ts'
import { type Feed, mergeTime, positionOf, readyEvents, refill } from './feed.ts'
import {
  addDecision,
  addEvent,
  addFact,
  addWatermark,
  createPacker,
  type Packer,
  type Place,
  packedRows,
  seal,
} from './pack.ts'

/**
 * Brings feeds together into one stream: events of all sources in the order of event time, watermarks between them,
 * one batch for each partition.
 */
export interface Collector {
  readonly feeds: Feed[]
  readonly options: CollectorOptions
  readonly packer: Packer
  readonly clock: CollectorClock
  readonly place: { -readonly [K in keyof Place]: Place[K] }
  rejects: Reject[]
  /** Chunks read since the last round. */
  chunks: number
  /** An hour of event time has ended: the round ends with it. */
  isHourOver: boolean
}

export interface CollectorOptions {
  readonly partitions: number
  /** A watermark lies this much behind the newest event. */
  readonly latenessMs: number
  /**
   * Wall clock, epoch ms, for sources that are watched live: a time ahead of it is set back to it. Without it (a
   * replay) a leap in time is believed when the source's next event confirms it.
   */
  readonly wallClock?: () => number
  /** Sees every event on its way, with where it came from. */
  readonly onEvent?: (event: Event, place: Place) => void
}

export interface CollectorClock {
  /** Newest event time that is believed. */
  frontier: number
  watermark: number
  /** Wall clock at the last event. */
  lastEventAt: number
  /** Events whose time was ahead of the wall clock. */
  setBack: number
}

/** What one round of collecting gives. Batches are valid until the next round. */
export interface Round {
  readonly batches: readonly EventBatch[]
  readonly rejects: readonly Reject[]
  /** True when its last row is the watermark that ends an hour of event time: facts are told there. */
  readonly endsHour: boolean
}

const HOUR_MS = 3_600_000
const BATCH_ROWS = 16_384
/** Records that give no rows fill a round as well: so many refused ones, or so many chunks. */
const ROUND_REJECTS = 4096
const ROUND_CHUNKS = 512
const WATERMARK_STEP_MS = 1000
/** An event this far ahead of all others is not believed at once. */
const LEAP_MS = 3_600_000
/** A source's clock may be ahead of ours by this much. */
const AHEAD_MS = 60_000

/** A collector of feeds of which nothing was read. */
export function createCollector(feeds: readonly Feed[], options: CollectorOptions): Collector {
  return {
    feeds: [...feeds],
    options,
    packer: createPacker(options.partitions),
    clock: { frontier: 0, watermark: 0, lastEventAt: 0, setBack: 0 },
    place: { source: '', generation: '', offset: 0, line: 0, index: 0 },
    rejects: [],
    chunks: 0,
    isHourOver: false,
  }
}

/** Facts that analyzers emitted come into every partition's stream here. */
export function tellFacts(collector: Collector, facts: readonly Fact[]): void {
  for (const fact of facts) addFact(collector.packer, fact)
}

/** Decisions of people come into every partition's stream here. */
export function tellDecisions(collector: Collector, decisions: readonly Decision[]): void {
  for (const decision of decisions) addDecision(collector.packer, decision)
}

/** Takes events until a round is full or no source has more now; undefined when there was nothing at all. */
export async function collect(collector: Collector): Promise<Round | undefined> {
  for (const feed of collector.feeds) if (!feed.source.ended) feed.isDrained = false
  while (!isFull(collector)) {
    let isAwaited = false
    for (const feed of collector.feeds) if (!(await readOn(collector, feed))) isAwaited = true
    if (!takeReady(collector) || isAwaited) break
  }
  return sealRound(collector)
}

function isFull({ packer, rejects, chunks, isHourOver }: Collector): boolean {
  if (isHourOver || chunks >= ROUND_CHUNKS) return true
  return packedRows(packer) >= BATCH_ROWS || rejects.length >= ROUND_REJECTS
}

/**
 * Reads until there is an event to compare with those of the other feeds.
 * @returns false when one is known to come that is not there yet
 */
async function readOn(collector: Collector, feed: Feed): Promise<boolean> {
  while (!feed.isDrained && readyEvents(feed) <= 0 && !isFull(collector)) {
    const came = await refill(feed, (reject) => collector.rejects.push(reject))
    if (!came && !feed.isDrained) return false
    // A record with very many events is taken in over several rounds, between which other work has its turn.
    if (!feed.isDrained) collector.chunks += feed.unfinished === undefined ? 1 : ROUND_CHUNKS
  }
  return true
}

/** The rows packed so far as a round; undefined when there are none, and nothing was read. */
export function sealRound(collector: Collector): Round | undefined {
  const { rejects, chunks, isHourOver: endsHour } = collector
  if (packedRows(collector.packer) === 0 && rejects.length === 0 && chunks === 0) return undefined
  collector.rejects = []
  collector.chunks = 0
  collector.isHourOver = false
  return { batches: seal(collector.packer, collector.feeds.map(positionOf)), rejects, endsHour }
}

/** Takes events as long as every feed has one to compare; false when none has any. */
function takeReady(collector: Collector): boolean {
  const { feeds, packer } = collector
  if (feeds.length === 1) return takeAll(collector, feeds[0])
  for (let taken = false; ; taken = true) {
    let earliest: Feed | undefined
    let time = Number.POSITIVE_INFINITY
    for (const feed of feeds) {
      if (readyEvents(feed) <= 0) {
        if (!feed.isDrained) return true
        continue
      }
      const merged = mergeTime(feed)
      if (merged < time) {
        time = merged
        earliest = feed
      }
    }
    if (earliest === undefined) return taken
    if (!take(collector, earliest) || packedRows(packer) >= BATCH_ROWS) return true
  }
}

function takeAll(collector: Collector, feed: Feed): boolean {
  const ready = readyEvents(feed)
  for (let i = 0; i < ready; i++) if (!take(collector, feed)) return true
  return ready > 0
}

/** Packs one event, behind the watermark that its time gives; when that ends an hour, the event waits for the next round. */
function take(collector: Collector, feed: Feed): boolean {
  const { place, packer, options } = collector
  const record = feed.records[feed.next]
  place.source = feed.source.name
  place.generation = feed.generations[feed.next]
  place.offset = record.offset
  place.line = record.line
  place.index = feed.indexes[feed.next]
  const event = inTime(collector, feed)
  if (collector.isHourOver) return false
  if (event !== feed.events[feed.next]) collector.clock.setBack++
  feed.next++
  options.onEvent?.(event, place)
  addEvent(packer, event, place)
  return true
}

/** The event with a believable time; moves the frontier to it. */
function inTime(collector: Collector, feed: Feed): Event {
  const { clock, options } = collector
  const event = feed.events[feed.next]
  if (options.wallClock !== undefined) {
    const now = options.wallClock()
    clock.lastEventAt = now
    const isAhead = event.time > now + AHEAD_MS
    const believed = isAhead ? { ...event, time: now } : event
    advanceTo(collector, believed.time)
    return believed
  }
  const after = feed.events[feed.next + 1]
  const confirmed = after === undefined ? 0 : Math.min(event.time, after.time)
  advanceTo(collector, event.time <= clock.frontier + LEAP_MS ? event.time : confirmed)
  return event
}

function advanceTo(collector: Collector, time: number): void {
  const { clock, options, packer } = collector
  if (time <= clock.frontier) return
  clock.frontier = time
  const watermark = Math.floor((time - options.latenessMs) / WATERMARK_STEP_MS) * WATERMARK_STEP_MS
  if (watermark <= clock.watermark) return
  const hour = Math.floor(clock.watermark / HOUR_MS)
  collector.isHourOver = hour > 0 && watermark >= (hour + 1) * HOUR_MS
  clock.watermark = watermark
  addWatermark(packer, watermark)
}

/**
 * While nothing comes, event time goes on with the wall clock from where the last event left it. It stands still while
 * a source is known to hold more: what is late in coming was not late in happening.
 */
export function tickIdle(collector: Collector): void {
  const { clock, options, feeds } = collector
  if (options.wallClock === undefined || clock.lastEventAt === 0) return
  const now = options.wallClock()
  if (feeds.every(({ isDrained }) => isDrained))
    advanceTo(collector, clock.frontier + Math.max(0, now - clock.lastEventAt))
  clock.lastEventAt = now
}
