import type { Position } from '../domain/coordinate.ts'
import type { Event } from '../domain/event.ts'
import type { RawRecord, Source } from '../domain/ports.ts'
import type { Reject, RejectReason } from '../domain/reject.ts'
import { shownBy } from '../domain/visibility.ts'
import { maskSecrets } from './mask.ts'
import { parseRecord } from './parse-record.ts'
import type { Parser, SourceContext } from './parser.ts'

/**
 * One source on its way into the stream: the events of its newest chunk that were not taken yet, and how far it has
 * been handed over. One event is held back until the next is known, so that an outlier in time can be told from a
 * leap of the whole source.
 */
export interface Feed {
  readonly source: Source
  readonly parser: Parser | 'auto'
  readonly context: SourceContext
  readonly counts: FeedCounts
  /** Kind of event that the source may send, when it may not send both. */
  readonly allows?: Event['kind']
  events: Event[]
  /** The record of each event. */
  records: RawRecord[]
  /** Number of each event within its record. */
  indexes: number[]
  /** Generation that each event was read in: the source may start again while one is held back. */
  generations: string[]
  next: number
  /** The record of which more events are to be made. */
  unfinished: Unfinished | undefined
  /** End of the chunk that was read last. */
  end: Position
  /** Nothing more to read now. */
  isDrained: boolean
  /** What the events so far have shown, as bits (see `domain/visibility.ts`). */
  shown: number
}

interface Unfinished {
  readonly record: RawRecord
  readonly events: Iterator<Event>
  /** Events that were made of it. */
  made: number
}

/** Events that are made in one go of a record that has very many. */
const SLICE_EVENTS = 4096

export interface FeedCounts {
  records: number
  events: number
  rejects: number
}

/** A feed of which nothing was read. */
export function createFeed(
  source: Source,
  parser: Parser | 'auto',
  context: SourceContext,
  allows?: Event['kind'],
): Feed {
  return {
    source,
    ...(allows === undefined ? {} : { allows }),
    parser,
    context,
    counts: { records: 0, events: 0, rejects: 0 },
    events: [],
    records: [],
    indexes: [],
    generations: [],
    next: 0,
    unfinished: undefined,
    end: { source: source.name, generation: '', offset: 0, line: 0 },
    isDrained: false,
    shown: 0,
  }
}

/** Name of the format that the feed is read as; `auto` until its first record was recognised. */
export function formatOf({ parser, context }: Feed): string {
  return parser === 'auto' ? (context.memo.format ?? 'auto') : parser.name
}

/** Events that can be taken now. */
export function readyEvents(feed: Feed): number {
  return feed.events.length - feed.next - (feed.isDrained ? 0 : 1)
}

/**
 * Reads and parses the next chunk, or goes on with a record that has very many events. Refused records go to `refuse`.
 * @returns false when nothing was there
 */
export async function refill(feed: Feed, refuse: (reject: Reject) => void): Promise<boolean> {
  if (feed.unfinished !== undefined) {
    dropTaken(feed)
    keepSlice(feed, feed.unfinished)
    return true
  }
  const chunk = await feed.source.read()
  feed.isDrained = chunk === undefined && feed.source.isBehind !== true
  if (chunk === undefined) return false
  dropTaken(feed)
  feed.end = chunk.end
  for (const record of chunk.records) {
    const outcome = parseRecord(record, feed.parser, feed.context)
    feed.counts.records++
    if (typeof outcome === 'string') refuse(rejectOf(feed, record, outcome))
    else if (!isAllowed(feed, outcome)) refuse(rejectOf(feed, record, 'not-permitted'))
    else keep(feed, record, outcome)
  }
  if (chunk.failure !== undefined) refuse(rejectOf(feed, chunk.failure.record, chunk.failure.reason))
  return true
}

function dropTaken(feed: Feed): void {
  feed.events = feed.events.slice(feed.next)
  feed.records = feed.records.slice(feed.next)
  feed.indexes = feed.indexes.slice(feed.next)
  feed.generations = feed.generations.slice(feed.next)
  feed.next = 0
}

function isAllowed({ allows }: Feed, events: Iterable<Event>): boolean {
  if (allows !== undefined) for (const { kind } of events) if (kind !== allows) return false
  return true
}

function keep(feed: Feed, record: RawRecord, events: Iterable<Event>): void {
  if (!Array.isArray(events)) return keepSlice(feed, { record, events: events[Symbol.iterator](), made: 0 })
  for (let i = 0; i < events.length; i++) {
    feed.indexes.push(i)
    keepEvent(feed, record, events[i])
  }
}

/** Such a record is a whole file, so no other record of its chunk comes behind it. */
function keepSlice(feed: Feed, unfinished: Unfinished): void {
  const { record, events } = unfinished
  feed.unfinished = unfinished
  for (let i = 0; i < SLICE_EVENTS; i++) {
    const { value, done } = events.next()
    if (done === true) {
      feed.unfinished = undefined
      return
    }
    feed.indexes.push(unfinished.made++)
    keepEvent(feed, record, value)
  }
}

function keepEvent(feed: Feed, record: RawRecord, event: Event): void {
  feed.counts.events++
  feed.events.push(event)
  feed.shown |= shownBy(event)
  feed.records.push(record)
  feed.generations.push(feed.end.generation)
}

/** A refused record as it is kept: with its secrets masked. */
export function rejectOf(feed: Feed, record: RawRecord, reason: RejectReason): Reject {
  feed.counts.rejects++
  const { offset, line, length } = record
  const bytes = maskSecrets(record.chunk.subarray(record.from, record.to))
  return { reason, source: feed.source.name, generation: feed.end.generation, offset, line, length, bytes }
}

/** Where the source would have to be read again to lose nothing: the first event not taken yet, else the chunk's end. */
export function positionOf(feed: Feed): Position {
  if (feed.next >= feed.events.length) return feed.end
  const { offset, line } = feed.records[feed.next]
  const generation = feed.generations[feed.next]
  return { source: feed.source.name, generation, offset, line: Math.max(0, line - 1) }
}

/** The time that an event is merged by: of an event that its successor shows to be ahead, the successor's. */
export function mergeTime(feed: Feed): number {
  const { time } = feed.events[feed.next]
  const after = feed.events[feed.next + 1]
  return after !== undefined && after.time < time ? after.time : time
}
