import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENT } from './kafka.ts'
import { findTopics, watchAbsent } from './kafka-absent.ts'
import { assign, drop } from './kafka-assignment.ts'
import { commitSettled } from './kafka-commit.ts'
import type { Consuming } from './kafka-group.ts'
import { watchLag } from './kafka-lag.ts'
import { committedOffsets, longestBatch, withAdmin } from './kafka-log-bounds.ts'
import { takeBatch } from './kafka-take.ts'

/** Batches that are taken at once: kafkajs asks each of so many workers for every answer that it fetches. */
const TAKEN_AT_ONCE = 64

/** How a run ended: a final end is no matter of trying again. */
export interface RunEnd {
  readonly error: Error
  readonly isFinal: boolean
}

/** One consumer of kafkajs from its connection to its end; undefined when it was closed, `again` for more topics. */
export async function runOnce(consuming: Consuming): Promise<RunEnd | 'again' | undefined> {
  const { promise, resolve } = Promise.withResolvers<RunEnd | 'again' | undefined>()
  const { closing } = consuming
  const closed = () => resolve(undefined)
  closing.signal.addEventListener('abort', closed, { once: true })
  consuming.fail = (error) => resolve({ error, isFinal: true })
  const lag = watchLag(consuming)
  const absent = watchAbsent(consuming, () => resolve('again'))
  const commits = setInterval(() => void commitSettled(consuming), consuming.limits.commitMs)
  // Not waited for: connecting may take long, and closing must not.
  start(consuming, (error) => resolve({ error, isFinal: false })).catch((error: unknown) => {
    resolve({ error: error instanceof Error ? error : new Error(String(error)), isFinal: false })
  })
  try {
    return await promise
  } finally {
    closing.signal.removeEventListener('abort', closed)
    lag.close()
    absent.close()
    clearInterval(commits)
    await stop(consuming)
  }
}

/** No setting of a topic makes us fetch more of a partition at once. */
const MAX_FETCHED_BYTES = 16 * 1_048_576

async function start(consuming: Consuming, crashed: (error: Error) => void): Promise<void> {
  const { client, options, limits } = consuming
  await findTopics(consuming)
  const topics = [...consuming.topics]
  if (topics.length === 0) return options.trouble?.(undefined)
  // The first join on a fresh broker would fail while its coordinator loads.
  const longest = await withAdmin(client, async (admin) => {
    await committedOffsets(admin, options.group, topics)
    return longestBatch(admin, topics)
  })
  if (consuming.closing.signal.aborted) return
  const consumer = client.consumer({
    groupId: options.group,
    sessionTimeout: limits.sessionMs,
    heartbeatInterval: limits.heartbeatMs,
    rebalanceTimeout: 30_000,
    // Brokers send a longer batch for the first partition of a request only: the others would never get theirs.
    maxBytesPerPartition: Math.max(limits.maxBytesPerPartition, Math.min(longest, MAX_FETCHED_BYTES)),
    maxWaitTimeInMs: limits.maxWaitMs,
    allowAutoTopicCreation: false,
    // A restart of kafkajs's own keeps what broke; ours begins with a new consumer.
    retry: { ...PATIENT, restartOnFailure: async () => false },
  })
  consuming.consumer = consumer
  const isCurrent = () => consuming.consumer === consumer
  const { GROUP_JOIN, REBALANCING, CRASH, START_BATCH_PROCESS } = consumer.events
  consumer.on(GROUP_JOIN, ({ payload }) => {
    if (isCurrent()) assign(consuming, payload.memberAssignment)
  })
  // Sent before the join, on the same connection: still valid, and there for whom the partitions go to.
  consumer.on(REBALANCING, () => void commitSettled(consuming))
  consumer.on(CRASH, ({ payload }) => crashed(payload.error))
  consumer.on(START_BATCH_PROCESS, ({ payload }) => skipEmpty(consuming, payload))
  await consumer.connect()
  if (!isCurrent()) return consumer.disconnect()
  await consumer.subscribe({ topics, fromBeginning: true })
  if (!isCurrent()) return consumer.disconnect()
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: TAKEN_AT_ONCE,
    eachBatch: (batch) => takeBatch(consuming, batch),
  })
}

/** Transaction markers and what compaction left over pass without a batch of ours. */
function skipEmpty(
  consuming: Consuming,
  batch: {
    readonly topic: string
    readonly partition: number
    readonly batchSize: number
    readonly lastOffset: string
  },
): void {
  const at = consuming.assignment.partitions.get(`${batch.topic}/${batch.partition}`)
  if (batch.batchSize > 0 || at?.next === undefined) return
  const after = Number(batch.lastOffset) + 1
  if (after < at.next) return
  at.next = after
  at.isChecking = false
}

/** A broker that hangs must not keep us from ending. */
const STOP_MS = 15_000

async function stop(consuming: Consuming): Promise<void> {
  await commitSettled(consuming)
  const { consumer } = consuming
  drop(consuming)
  consuming.consumer = undefined
  consuming.commit = undefined
  const stopped = consumer?.disconnect().catch(() => {})
  await Promise.race([stopped, sleep(STOP_MS, undefined, { ref: false })])
}
