import type { KafkaBatch } from './kafka.ts'
import { commitSettled } from './kafka-commit.ts'
import { isRebalance } from './kafka-failure.ts'
import type { Assigned, Consuming, LogRecord } from './kafka-group.ts'
import { findPlace, startRemade } from './kafka-place.ts'

/** Gives a batch to its reader, unless it was fetched under an earlier assignment or from elsewhere than it should. */
export async function takeBatch(consuming: Consuming, payload: KafkaBatch): Promise<void> {
  const { batch } = payload
  const at = consuming.assignment.partitions.get(`${batch.topic}/${batch.partition}`)
  consuming.commit = payload.commitOffsetsIfNecessary
  if (at?.next === undefined || payload.isStale()) return
  if (fetchedOffset(payload) !== (at.isChecking ? at.next - 1 : at.next)) return findPlace(consuming, at)
  const records = recordsFrom(payload, at)
  if (records === 'another topic') return startRemade(consuming, at)
  const last = batch.messages.at(-1)
  const next = Number(batch.lastOffset()) + 1
  if (records.length > 0) await hand(consuming, at, { payload, records, next })
  if (!isCurrent(consuming, at)) return
  at.next = Math.max(at.next, next)
  at.timeBefore = last === undefined ? undefined : Number(last.timestamp)
  at.isChecking = false
  // Resolving the last record of a batch also passes the transaction markers behind it.
  if (last !== undefined) payload.resolveOffset(last.offset)
}

/** Where the batch was asked for from; kafkajs has it, its types do not. */
function fetchedOffset({ batch }: KafkaBatch): number {
  return Number((batch as unknown as { readonly fetchedOffset: string }).fetchedOffset)
}

function isCurrent({ assignment }: Consuming, at: Assigned): boolean {
  return assignment.partitions.get(`${at.topic}/${at.partition}`) === at && at.next !== undefined
}

/** The records from `next` on. The one before it, when it is there, tells whether the topic is still the same. */
function recordsFrom({ batch }: KafkaBatch, at: Assigned): readonly LogRecord[] | 'another topic' {
  const { messages } = batch
  const next = at.next ?? 0
  const [first] = messages
  if (at.isChecking && Number(first?.offset) === next - 1 && Number(first.timestamp) !== at.timeBefore)
    return 'another topic'
  const records: LogRecord[] = []
  for (const message of messages) {
    const { timestamp, key, value, headers = {} } = message
    const offset = Number(message.offset)
    const { length } = message as { readonly length?: number }
    if (offset >= next) records.push({ offset, time: Number(timestamp), key, value, headers, length })
  }
  return records
}

interface Handing {
  readonly payload: KafkaBatch
  readonly records: readonly LogRecord[]
  readonly next: number
}

/** Waits for the reader, and stays a member of the group meanwhile. */
async function hand(consuming: Consuming, at: Assigned, { payload, records, next }: Handing): Promise<void> {
  const { topic, partition } = at
  const end = Number(payload.batch.highWatermark)
  let isOver = false
  const alive = () => !isOver && !consuming.closing.signal.aborted && isCurrent(consuming, at)
  consuming.taking++
  try {
    const taken = takeOrFail(consuming, () =>
      consuming.options.take({ topic, partition, records, next, end }, alive),
    )
    const beats = heartbeats(consuming, payload, taken)
    await beats.catch(async (error) => {
      isOver = true
      await taken.catch(() => {})
      if (isRebalance(error)) await commitSettled(consuming)
      throw error
    })
    await taken
  } finally {
    consuming.taking--
  }
}

/** An error of the reader is not one of Kafka's: reading the batch again would not help. */
async function takeOrFail(consuming: Consuming, take: () => Promise<void> | void): Promise<void> {
  try {
    await take()
  } catch (error) {
    consuming.fail(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

/** Heartbeats until the work is done. Never swallows what a heartbeat says: that the partitions are being shared out anew. */
async function heartbeats({ limits }: Consuming, payload: KafkaBatch, work: Promise<void>): Promise<void> {
  const done = work.then(
    () => true,
    () => true,
  )
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(resolve, limits.heartbeatMs, false)
    const isDone = await Promise.race([done, promise])
    clearTimeout(timer)
    if (isDone) return
    await payload.heartbeat()
  }
}
