import { randomUUID } from 'node:crypto'
import type { KafkaClient } from './kafka.ts'
import { openGroupConsumer } from './kafka-consumer.ts'
import type { ConsumerLimits, GroupConsumerOptions, LogPlace } from './kafka-group.ts'
import { withAdmin } from './kafka-log-bounds.ts'
import { arrival, dequeue, enqueue, type RecordSlice, recordQueue, room } from './kafka-queue.ts'

export interface TopicTailOptions {
  /** A topic of one partition. */
  readonly topic: string
  /** What the name of the group begins with: each tail has a group to itself, so that each reads all of the topic. */
  readonly group: string
  /** Where to go on; from the first record that is kept when absent. */
  readonly from?: LogPlace
  readonly maxQueuedBytes?: number
  readonly whenGone?: 'halt' | 'continue'
  readonly whenRemade?: 'halt' | 'continue'
  readonly report?: GroupConsumerOptions['report']
  readonly trouble?: GroupConsumerOptions['trouble']
  readonly limits?: Partial<ConsumerLimits>
}

/** A whole topic that many processes read, each all of it. */
export interface TopicTail {
  /** Some records, and the offset behind them; undefined when there are none now. Waits for nothing. */
  read(): RecordSlice | undefined
  /** Waits until there is something to read, for a while; one caller at a time. */
  arrived(patienceMs: number): Promise<void>
  /** True once everything has been read that was there when it was opened. */
  isCaughtUp(): boolean
  /** Rejects when reading cannot go on. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

const CHUNK_BYTES = 262_144
const MAX_QUEUED_BYTES = 4 * 1_048_576
const PATIENCE_MS = 200

/** Reads the topic to its end and follows it. Nothing is stored in Kafka: who opens it says where to go on. */
export function openTopicTail(client: KafkaClient, options: TopicTailOptions): TopicTail {
  const { topic, group, from, maxQueuedBytes = MAX_QUEUED_BYTES, ...rest } = options
  const ownGroup = `${group}-tail-${randomUUID()}`
  const queue = recordQueue()
  let fetched = from
  let readTo = from?.offset ?? 0
  let target: number | undefined
  const consumer = openGroupConsumer(client, {
    ...rest,
    group: ownGroup,
    topics: [topic],
    begin: ({ first, end }) => {
      target ??= end
      fetched ??= { offset: first }
      readTo = Math.max(readTo, queue.batches.length === 0 ? fetched.offset : 0)
      return fetched
    },
    report: (change) => {
      fetched = { offset: change.next }
      options.report?.(change)
    },
    take: async (batch, alive) => {
      enqueue(queue, batch)
      fetched = { offset: batch.next, timeBefore: batch.records.at(-1)!.time }
      let hasRoom = false
      while (!hasRoom && alive()) hasRoom = await room(queue, maxQueuedBytes, PATIENCE_MS)
    },
  })
  return {
    read: () => {
      const slice = dequeue(queue, CHUNK_BYTES)
      if (slice !== undefined) readTo = slice.next
      return slice
    },
    arrived: (patienceMs) => arrival(queue, patienceMs),
    isCaughtUp: () => target !== undefined && readTo >= target,
    ended: consumer.ended,
    close: async () => {
      await consumer.close()
      await withAdmin(client, (admin) => admin.deleteGroups([ownGroup])).catch(() => {})
    },
  }
}
