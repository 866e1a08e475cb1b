import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaClient } from './kafka.ts'
import { commitSettled } from './kafka-commit.ts'
import { isCoordinatorMoving, isOutage, kafkaError } from './kafka-failure.ts'
import { type Consuming, type GroupConsumerOptions, LIMITS, type SettledOffset } from './kafka-group.ts'
import { beginAgain } from './kafka-place.ts'
import { runOnce } from './kafka-run.ts'

const RESTART_WINDOW_MS = 600_000
/** Brokers that begin, or take over from one another, have their groups loaded long before we wait so long. */
const MOVING_BACK_OFF_MS = 3200

export interface GroupConsumer {
  /** Resolves after `close`; rejects with what the consumer cannot go on after. */
  readonly ended: Promise<void>
  /** Everything below the offset is done with: stored in Kafka every few seconds, at a rebalance and at the end. */
  settle(settled: SettledOffset): void
  /** Stores what was settled now. @returns false when that failed: it is tried again later */
  flush(): Promise<boolean>
  /** Asks `begin` again and reads on from there, as after a join. */
  again(topic: string, partition: number): void
  /** Fetches nothing more of the partition until `release`; a join forgets it. */
  hold(topic: string, partition: number): void
  release(topic: string, partition: number): void
  close(): Promise<void>
}

/** Joins the group and takes batches until closed. Connects in the background, again and again while brokers are away. */
export function openGroupConsumer(client: KafkaClient, options: GroupConsumerOptions): GroupConsumer {
  const consuming: Consuming = {
    client,
    options,
    limits: { ...LIMITS, ...options.limits },
    closing: new AbortController(),
    topics: options.topics,
    consumer: undefined,
    assignment: { partitions: new Map() },
    settled: new Map(),
    held: new Set(),
    commit: undefined,
    taking: 0,
    fail: () => {},
  }
  const ended = keepConsuming(consuming)
  ended.catch(() => {})
  return {
    ended,
    settle: (settled) => void consuming.settled.set(`${settled.topic}/${settled.partition}`, settled),
    flush: () => commitSettled(consuming),
    again: (topic, partition) => beginAgain(consuming, `${topic}/${partition}`),
    hold: (topic, partition) => {
      consuming.held.add(`${topic}/${partition}`)
      consuming.consumer?.pause([{ topic, partitions: [partition] }])
    },
    release: (topic, partition) => {
      consuming.held.delete(`${topic}/${partition}`)
      if (consuming.assignment.partitions.get(`${topic}/${partition}`)?.next !== undefined)
        consuming.consumer?.resume([{ topic, partitions: [partition] }])
    },
    close: async () => {
      consuming.closing.abort()
      await ended.catch(() => {})
    },
  }
}

async function keepConsuming(consuming: Consuming): Promise<void> {
  const { closing, options, limits } = consuming
  const restarts: number[] = []
  for (let backOffMs = 200; !closing.signal.aborted; backOffMs = Math.min(backOffMs * 2, 10_000)) {
    const startedAt = performance.now()
    const end = await runOnce(consuming)
    if (end === undefined || closing.signal.aborted) return
    if (end === 'again') continue
    if (end.isFinal) throw end.error
    const now = performance.now()
    if (now - startedAt > RESTART_WINDOW_MS) backOffMs = 200
    if (!isOutage(end.error)) restarts.push(now)
    if (restarts.filter((time) => now - time < RESTART_WINDOW_MS).length > limits.maxRestarts)
      throw kafkaError('kafka-consumer', `consumer group ${options.group} failed again and again`, end.error)
    if (!isCoordinatorMoving(end.error) || backOffMs >= MOVING_BACK_OFF_MS)
      options.trouble?.(
        kafkaError('kafka-consumer', `consumer group ${options.group} cannot work`, end.error),
      )
    await sleep(backOffMs, undefined, { signal: closing.signal }).catch(() => {})
  }
}
