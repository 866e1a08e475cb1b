import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Fact } from '../../domain/decision.ts'
import { factShape } from '../../domain/told.ts'
import type { OutgoingRecord } from '../../io/kafka-producer.ts'
import { openTopicTail, type TopicTail } from '../../io/kafka-tail.ts'
import { type Role, troubleOf } from './role.ts'

/**
 * What the partitions tell each other where an hour of event time ends. Each says what it has to say of the hour and
 * goes on when it has heard all others, so that what it knows does not depend on who is faster.
 */
export interface HourFacts {
  /**
   * Says the facts of an hour and waits for those of the others.
   * @returns facts of the others up to that hour, in the order of partitions and hours; `forgotten` when the
   * partition's stored state knows them already; `stopped` when the wait was broken off and some are missing
   */
  exchange(asking: Asking): Promise<readonly Fact[] | 'forgotten' | 'stopped'>
  readonly ended: Promise<void>
  close(): Promise<void>
}

/** One partition's facts of one hour. */
export interface HourSaid {
  readonly partition: number
  /** Number of the hour that begins, since 1970. */
  readonly hour: number
  /** The hour that it spoke of before; it has nothing to say of those between. */
  readonly previous: number
  /** The hour that its stored state knows all of: it never asks for what was said up to there. */
  readonly kept: number
  readonly facts: readonly Fact[]
}

interface Asking extends HourSaid {
  /** True once the answer is of no use. */
  readonly isLost: () => boolean
}

/** One of the records that an hour's facts go in. */
interface HourRecord extends HourSaid {
  readonly piece: number
  readonly pieces: number
}

const count = Type.Integer({ minimum: 0 })
const hourRecord = Compile(
  Type.Object({
    partition: count,
    hour: count,
    previous: count,
    kept: count,
    piece: Type.Integer({ minimum: 0, maximum: 65_535 }),
    pieces: Type.Integer({ minimum: 1, maximum: 65_536 }),
    facts: Type.Array(factShape),
  }),
)

interface Book {
  readonly tail: TopicTail
  /** What is known of each partition, by hour: the pieces of its facts. */
  readonly said: readonly Map<number, HourRecord[]>[]
  /** By partition: the hour that it keeps all of. What was said before `since` may be of a state that is gone. */
  readonly kept: number[]
  readonly since: number
  /** The hour up to which nothing is known any more. */
  forgotten: number
  /** What our partitions have to say and is not sent yet, and the sending of it. */
  readonly unsent: OutgoingRecord[]
  sending: Promise<void>
  /** Those who wait for the others wait together. */
  arrival: Promise<void> | undefined
}

const FACTS_A_RECORD = 2000
/** Sent in one go: some records more than one that is full. */
const BYTES_AT_ONCE = 262_144
const LOOK_EVERY_MS = 100

/** Follows the topic of facts from its beginning. */
export function openHourFacts(role: Role): HourFacts {
  const { client, config, topics } = role
  const tail = openTopicTail(client, {
    topic: topics.facts.topic,
    group: `${config.kafka.group}-facts`,
    whenGone: 'continue',
    trouble: troubleOf(role, 'facts'),
  })
  const said = Array.from({ length: config.kafka.partitions.stream }, () => new Map<number, HourRecord[]>())
  const kept = said.map(() => 0)
  const book: Book = {
    tail,
    said,
    kept,
    since: role.clock(),
    forgotten: 0,
    unsent: [],
    sending: Promise.resolve(),
    arrival: undefined,
  }
  return {
    exchange: (own) => exchange(role, book, own),
    ended: tail.ended,
    close: () => tail.close(),
  }
}

async function exchange(
  role: Role,
  book: Book,
  { isLost, ...own }: Asking,
): ReturnType<HourFacts['exchange']> {
  if (book.said.length === 1) return []
  await say(role, book, own)
  const deadline = performance.now() + role.config.analyzer.factsWaitMs
  for (;;) {
    readOn(role, book)
    if (own.previous < book.forgotten) return 'forgotten'
    const missing = book.said.flatMap((hours, partition) =>
      partition === own.partition || hasSpoken(hours, own.hour) ? [] : [partition],
    )
    if (missing.length === 0) role.readiness.clear('facts-missing', String(own.partition))
    if (missing.length === 0) break
    if (role.stop.aborted || isLost()) return 'stopped'
    if (performance.now() > deadline) {
      const detail = `partition ${own.partition} goes on without the facts of ${missing.join(', ')}`
      role.readiness.set('facts-missing', detail, String(own.partition))
      role.log('warn', 'facts of other partitions are missing', { partition: own.partition, missing })
      break
    }
    await arrived(book)
  }
  return factsOf(book, own)
}

/** Many partitions of a process end an hour at once: what comes while something is sent is sent together. */
async function say(role: Role, book: Book, { facts, ...hour }: HourSaid): Promise<void> {
  const pieces = Math.max(1, Math.ceil(facts.length / FACTS_A_RECORD))
  for (let piece = 0; piece < pieces; piece++) {
    const some = facts.slice(piece * FACTS_A_RECORD, (piece + 1) * FACTS_A_RECORD)
    const record: HourRecord = { ...hour, piece, pieces, facts: some }
    const key = `${hour.partition}/${hour.hour}/${piece}`
    book.unsent.push({ key, value: Buffer.from(JSON.stringify(record)) })
  }
  book.sending = book.sending.then(() => send(role, book))
  await book.sending
}

async function send({ producer, topics }: Role, { unsent }: Book): Promise<void> {
  while (unsent.length > 0) {
    let count = 0
    for (let bytes = 0; count < unsent.length && bytes < BYTES_AT_ONCE; count++)
      bytes += unsent[count].value?.length ?? 0
    await producer.append(topics.facts.topic, 0, unsent.splice(0, count))
  }
}

function arrived(book: Book): Promise<void> {
  book.arrival ??= book.tail.arrived(LOOK_EVERY_MS).finally(() => {
    book.arrival = undefined
  })
  return book.arrival
}

/** What is said again after a crash is the same; the first time counts. */
function readOn({ log }: Role, book: Book): void {
  for (let slice = book.tail.read(); slice !== undefined; slice = book.tail.read())
    for (const { value, offset, time } of slice.records) {
      const record = readHourRecord(value)
      if (record === undefined || record.partition >= book.said.length)
        log('error', 'facts that cannot be read are left out', { offset })
      else note(book, record, time)
    }
  forgetKept(book)
}

function note({ said, kept, since }: Book, record: HourRecord, time: number): void {
  const { partition, hour, piece } = record
  const pieces = said[partition].get(hour) ?? []
  pieces[piece] ??= record
  said[partition].set(hour, pieces)
  if (time >= since) kept[partition] = Math.max(kept[partition], record.kept)
}

/** undefined for bytes that no analyzer of ours wrote. */
function readHourRecord(value: Uint8Array | null): HourRecord | undefined {
  try {
    const record: unknown = JSON.parse(new TextDecoder().decode(value ?? new Uint8Array()))
    return hourRecord.Check(record) ? record : undefined
  } catch {
    return undefined
  }
}

/** What every partition keeps nobody asks for again, but who was overtaken without knowing it. */
function forgetKept(book: Book): void {
  book.forgotten = Math.max(book.forgotten, Math.min(...book.kept))
  for (const hours of book.said)
    for (const hour of hours.keys()) if (hour <= book.forgotten) hours.delete(hour)
}

const isWhole = (pieces: readonly HourRecord[]): boolean =>
  pieces[0] !== undefined && Object.keys(pieces).length === pieces[0].pieces

/** True when all that the partition says up to the hour is known. */
function hasSpoken(hours: ReadonlyMap<number, HourRecord[]>, hour: number): boolean {
  for (const [later, pieces] of hours)
    if (later === hour || (later > hour && pieces[0] !== undefined && pieces[0].previous < hour))
      if (later > hour || isWhole(pieces)) return true
  return false
}

function factsOf({ said }: Book, own: HourSaid): Fact[] {
  return said.flatMap((hours, partition) => {
    if (partition === own.partition) return []
    const told = [...hours].filter(
      ([hour, pieces]) => hour > own.previous && hour <= own.hour && isWhole(pieces),
    )
    return told.sort(([a], [b]) => a - b).flatMap(([, pieces]) => pieces.flatMap(({ facts }) => facts))
  })
}
