import type { Fact } from '../../domain/decision.ts'
import type { OutgoingRecord } from '../../io/kafka-producer.ts'
import {
  arrived,
  beginReading,
  factsOf,
  type HourRecord,
  type HourSaid,
  hasSpoken,
  type Reading,
  readOn,
} from './hour-reading.ts'
import type { Role } from './role.ts'

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
  /** What was said behind the hour is needed after all: the store was rolled back. */
  recall(hour: number): void
  /** The partitions that the process has now: what others lack is told elsewhere. */
  own(partitions: ReadonlySet<number>): void
  /** Rejects when the topic cannot be read on. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

interface Asking extends HourSaid {
  /** True once the answer is of no use. */
  readonly isLost: () => boolean
}

interface Book {
  reading: Reading
  /** By partition of ours: the hour that its stored state knows all of. */
  readonly owned: Map<number, number>
  readonly ended: PromiseWithResolvers<void>
  /** What our partitions have to say and is not sent yet, and the sending of it. */
  readonly unsent: OutgoingRecord[]
  sending: Promise<void>
}

const FACTS_A_RECORD = 2000
/** Sent in one go: some records more than one that is full. */
const BYTES_AT_ONCE = 262_144

/** Follows the topic of facts from its beginning. */
export function openHourFacts(role: Role): HourFacts {
  const ended = Promise.withResolvers<void>()
  ended.promise.catch(() => {})
  const owned = new Map<number, number>()
  const book: Book = {
    reading: beginReading(role, owned, ended.reject),
    owned,
    ended,
    unsent: [],
    sending: Promise.resolve(),
  }
  return {
    exchange: (own) => exchange(role, book, own),
    recall: (hour) => recall(role, book, hour),
    own: (partitions) => own(role, book, partitions),
    ended: ended.promise,
    close: () => book.reading.tail.close(),
  }
}

function recall(role: Role, book: Book, hour: number): void {
  if (book.reading.forgotten <= hour) return
  role.log('warn', 'facts are read again: the store was rolled back', { hour })
  void book.reading.tail.close()
  book.reading = beginReading(role, book.owned, book.ended.reject)
}

function own({ readiness }: Role, { owned }: Book, partitions: ReadonlySet<number>): void {
  for (const partition of owned.keys()) {
    if (partitions.has(partition)) continue
    owned.delete(partition)
    readiness.clear('facts-missing', String(partition))
  }
}

async function exchange(
  role: Role,
  book: Book,
  { isLost, ...own }: Asking,
): ReturnType<HourFacts['exchange']> {
  if (book.reading.said.length === 1) return []
  book.owned.set(own.partition, own.kept)
  await say(role, book, own)
  const deadline = performance.now() + role.config.analyzer.factsWaitMs
  for (;;) {
    const { reading } = book
    readOn(role, reading)
    if (own.previous < reading.forgotten) return 'forgotten'
    const missing = reading.said.flatMap((hours, partition) =>
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
    await arrived(reading)
  }
  return factsOf(book.reading, own)
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
