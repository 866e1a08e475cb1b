import { setTimeout as sleep } from 'node:timers/promises'
import type { Position } from '../domain/coordinate.ts'
import type { Source } from '../domain/ports.ts'
import { MAX_RECORD_BYTES } from './frame.ts'
import type { KafkaClient } from './kafka.ts'
import { type GroupConsumer, openGroupConsumer } from './kafka-consumer.ts'
import type {
  ConsumerLimits,
  GroupConsumerOptions,
  LogChange,
  LogPlace,
  PartitionBegin,
} from './kafka-group.ts'
import { waitingRecords } from './kafka-queue.ts'
import {
  beginReading,
  changeReading,
  isBehind,
  keepBatch,
  type LogSlice,
  type Reading,
  readChunk,
  readSlice,
  settleReading,
} from './kafka-reading.ts'
import { worldError } from './world-error.ts'

/** A topic that is consumed as a source. */
export interface SourceTopic {
  readonly topic: string
  /** Name of the source; each partition is `<name>/<partition>`. */
  readonly name: string
  /** Where a partition is begun for which the group has stored nothing. */
  readonly start: 'earliest' | 'latest'
}

export interface TopicSourcesOptions {
  readonly group: string
  readonly topics: readonly SourceTopic[]
  /**
   * Where to begin a partition, by the name of its source, for who keeps positions of his own: they are the truth, and
   * what the group stored is for tools that show the lag. Where it gives nothing, the group's is the truth.
   */
  readonly resume?: (source: string) => Position | undefined
  readonly maxRecordBytes?: number
  /** Bytes fetched ahead of the reader, of each partition. */
  readonly maxQueuedBytes?: number
  /** Records are gone or the topic was made again; reading goes on, under a new generation when it was made again. */
  readonly report?: (change: LogChange) => void
  readonly whenGone?: 'halt' | 'continue'
  readonly trouble?: GroupConsumerOptions['trouble']
  readonly absent?: GroupConsumerOptions['absent']
  /** What was fetched and waits for its reader is not read. */
  readonly lag?: GroupConsumerOptions['lag']
  readonly rebalanced?: GroupConsumerOptions['rebalanced']
  readonly limits?: Partial<ConsumerLimits>
}

/** One partition that is ours. When it is no longer, it gives nothing more, for good. */
export interface PartitionSource extends Source {
  readonly topic: string
  readonly partition: number
  /** Like `read`, with keys and headers; a record is given by one of the two. */
  readLog(): Promise<LogSlice | undefined>
  /** All records below the offset are wholly published: a restart, or another process, goes on there. */
  settle(offset: number): void
}

export interface TopicSources {
  /** Partitions that are ours now; changes with every rebalance. */
  current(): readonly PartitionSource[]
  /** Rejects when consuming cannot go on. */
  readonly ended: Promise<void>
  /** Stores what was settled and leaves the group. */
  close(): Promise<void>
}

const MAX_QUEUED_BYTES = 8 * 1_048_576

interface Entry {
  readonly reading: Reading
  readonly source: PartitionSource
}

/** Consumes topics as sources, sharing their partitions with all processes of the same group. */
export function openTopicSources(client: KafkaClient, options: TopicSourcesOptions): TopicSources {
  const { topics, report, lag, resume: _, ...shared } = options
  const entries = new Map<string, Entry>()
  const at = ({ topic, partition }: { topic: string; partition: number }) =>
    entries.get(`${topic}/${partition}`)
  const consumer: GroupConsumer = openGroupConsumer(client, {
    whenGone: 'continue',
    ...shared,
    topics: topics.map(({ topic }) => topic),
    whenRemade: 'continue',
    begin: (log) => begin({ consumer, options, entries }, log),
    take: async (batch) => {
      const entry = at(batch)
      if (entry !== undefined) await keepBatch(entry.reading, batch)
    },
    lost: (partitions) => {
      for (const it of partitions) forget(entries, `${it.topic}/${it.partition}`)
    },
    report: (change) => {
      const entry = at(change)
      if (entry !== undefined) changeReading(entry.reading, change)
      report?.(change)
    },
    lag: (lags) => lag?.(lags.map((it) => ({ ...it, lag: it.lag + waitingIn(at(it)) }))),
  })
  return {
    current: () => [...entries.values()].map(({ source }) => source),
    ended: consumer.ended,
    close: () => consumer.close(),
  }
}

function waitingIn(entry: Entry | undefined): number {
  return entry === undefined ? 0 : waitingRecords(entry.reading.queue)
}

interface Opened {
  readonly consumer: GroupConsumer
  readonly options: TopicSourcesOptions
  readonly entries: Map<string, Entry>
}

/** A partition that stayed ours goes on behind what was fetched; its queue is still good. */
async function begin({ consumer, options, entries }: Opened, log: PartitionBegin): Promise<LogPlace> {
  const key = `${log.topic}/${log.partition}`
  const known = entries.get(key)?.reading
  if (known !== undefined) {
    known.isHeld = false
    known.cameAt = performance.now()
    return known.fetched
  }
  const { name, start } = options.topics.find(({ topic }) => topic === log.topic)!
  const { maxRecordBytes = MAX_RECORD_BYTES, maxQueuedBytes = MAX_QUEUED_BYTES } = options
  const limits = { maxRecordBytes, maxQueuedBytes }
  const source = `${name}/${log.partition}`
  const from = { start, resume: options.resume?.(source) }
  const reading = beginReading(log, from, { consumer, name: source, ...limits })
  entries.set(key, { reading, source: partitionSource(reading) })
  await stored({ consumer, options, entries }, reading)
  return reading.fetched
}

const STORE_PATIENCE_MS = 5000

/** Waits until what was settled is stored in Kafka; tells when it takes long. */
async function stored({ consumer, options }: Opened, reading: Reading): Promise<void> {
  let tellAt = performance.now() + STORE_PATIENCE_MS
  let isTold = false
  while (!reading.isLost && !(await consumer.flush())) {
    if (performance.now() > tellAt) {
      const place = `${reading.topic}/${reading.partition}`
      options.trouble?.(
        worldError('kafka-commit', `group ${options.group} cannot store where it is in ${place}`),
      )
      tellAt = Number.POSITIVE_INFINITY
      isTold = true
    }
    await sleep(50)
  }
  if (isTold) options.trouble?.(undefined)
}

function forget(entries: Map<string, Entry>, key: string): void {
  const entry = entries.get(key)
  if (entry !== undefined) entry.reading.isLost = true
  entries.delete(key)
}

function partitionSource(reading: Reading): PartitionSource {
  const { topic, partition, name } = reading
  return {
    topic,
    partition,
    name,
    ended: false,
    get isBehind() {
      return isBehind(reading)
    },
    read: () => readChunk(reading),
    readLog: () => readSlice(reading),
    settle: (offset) => settleReading(reading, offset),
    close: async () => {},
  }
}
