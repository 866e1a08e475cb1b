import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fnv1a } from '../domain/hash.ts'
import { intakeParts } from './intake-record.ts'
import type { IntakeWriter } from './intake-route.ts'
import type { LogProducer, OutgoingRecord } from './kafka-producer.ts'
import { type RequestPlaces, requestName } from './redis-requests.ts'
import { worldError } from './world-error.ts'

export interface KafkaIntakeOptions {
  readonly producer: LogProducer
  readonly topic: { readonly topic: string; readonly partitions: number }
  readonly maxBatchBytes: number
  readonly isKnown: RequestPlaces['isKnown']
  /** No request waits for the log any longer. */
  readonly stop: AbortSignal
  /** So long a request waits for the log. */
  readonly patienceMs?: number
}

const PATIENCE_MS = 20_000

/** The partition that a sender's lines are in, in their order. */
export function intakePartition(source: string, partitions: number): number {
  return fnv1a(source) % partitions
}

/**
 * The intake journal in Kafka. What it has accepted is in the log at least once; readers leave out what lies there
 * again, so it appends whenever it is not sure. `size` is what waits for the brokers.
 */
export function kafkaIntake(options: KafkaIntakeOptions): IntakeWriter {
  let waiting = 0
  return {
    /**
     * @throws WorldError `intake-unwritable` when it takes too long; the lines may get into the log later
     * @throws WorldError `kafka-record-too-large` for a line that the topic would not take; nothing was appended
     */
    append: async (source, bytes, key, now) => {
      const request = requestName(key, randomUUID())
      const parts = intakeParts(bytes, { source, request }, options.maxBatchBytes)
      const last = { source, request, part: parts.length - 1 }
      if (key !== undefined && (await options.isKnown(last, now))) return false
      waiting += bytes.length
      const over = new AbortController()
      const appended = appendAll(options, { source, parts, over: over.signal }).finally(() => {
        waiting -= bytes.length
      })
      await inTime(options, appended).finally(() => over.abort())
      return true
    },
    size: async () => waiting,
  }
}

interface Appending {
  readonly source: string
  readonly parts: readonly (readonly OutgoingRecord[])[]
  readonly over: AbortSignal
}

/** A later part is in the log only when all before it are. */
async function appendAll({ producer, topic }: KafkaIntakeOptions, { source, parts, over }: Appending) {
  for (const records of parts) {
    if (over.aborted) return
    await producer.append(topic.topic, intakePartition(source, topic.partitions), records)
  }
}

async function inTime({ stop, patienceMs = PATIENCE_MS }: KafkaIntakeOptions, appended: Promise<void>) {
  const waited = new AbortController()
  const signal = AbortSignal.any([stop, waited.signal])
  const late = sleep(patienceMs, 'late', { signal }).catch(() => 'late')
  const outcome = await Promise.race([appended, late]).finally(() => waited.abort())
  if (outcome !== 'late') return
  appended.catch(() => {})
  throw worldError('intake-unwritable', 'the brokers have not acknowledged the lines in time')
}
