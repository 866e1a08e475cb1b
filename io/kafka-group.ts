import type { KafkaClient, KafkaConsumer } from './kafka.ts'
import type { CommittedOffset, LogBounds } from './kafka-log-bounds.ts'

/** One record of a partition. */
export interface LogRecord {
  readonly offset: number
  /** Timestamp that it carries, epoch ms. */
  readonly time: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>
  /** Bytes that the value had, where only its beginning is here. */
  readonly length?: number
}

/** Records of one partition in order; between two offsets there may be gaps. */
export interface TakenBatch {
  readonly topic: string
  readonly partition: number
  readonly records: readonly LogRecord[]
  /** Where the next batch begins, when this one is taken. */
  readonly next: number
  /** End of the partition when it was fetched. */
  readonly end: number
}

/** Something happened to a log that its reader has to know. */
export interface LogChange {
  /** `gone`: records were deleted before they were read; `remade`: the topic was made again, or lost its end. */
  readonly kind: 'gone' | 'remade'
  readonly topic: string
  readonly partition: number
  /** Offset that was to be read next. */
  readonly expected: number
  /** Offset that is read next. */
  readonly next: number
}

export interface GroupConsumerOptions {
  readonly group: string
  readonly topics: readonly string[]
  /** Where to read a partition from: asked after every join, because Kafka's own stored offset is not the truth. */
  readonly begin: (log: PartitionBegin) => Promise<LogPlace> | LogPlace
  /**
   * Takes one batch; calls of different partitions overlap. Must give the event loop a chance every 200 ms (heartbeats
   * are sent meanwhile) and end soon when `alive` turns false. What it throws ends the consumer. While it waits,
   * other partitions wait too: to wait for long, `hold` the partition.
   */
  readonly take: (batch: TakenBatch, alive: () => boolean) => Promise<void> | void
  /** These partitions are no longer ours. Called before `begin` of what is. */
  readonly lost?: (partitions: readonly { readonly topic: string; readonly partition: number }[]) => void
  /** Called when records are gone or the topic was made again, before anything is read from there. */
  readonly report?: (change: LogChange) => void
  /** Default `halt`: the consumer ends with `kafka-records-gone` or `kafka-topic-remade`. */
  readonly whenGone?: 'halt' | 'continue'
  readonly whenRemade?: 'halt' | 'continue'
  /** Told which topics are not there: they are waited for, and the others read. Without it a missing topic is trouble. */
  readonly absent?: (topics: readonly string[]) => void
  /** What keeps the consumer from working; undefined when it works again. */
  readonly trouble?: (error: Error | undefined) => void
  /** Records not read yet, of each partition that is ours; every `lagMs`. */
  readonly lag?: (lags: readonly (LogBounds & { readonly lag: number })[]) => void
  /** A join gave us other partitions than we had. */
  readonly rebalanced?: () => void
  readonly limits?: Partial<ConsumerLimits>
}

/** A partition that is to be begun: its bounds now, and what the group stored for it. */
export interface PartitionBegin extends LogBounds {
  readonly committed?: CommittedOffset
}

/** Where to go on. */
export interface LogPlace {
  readonly offset: number
  /** Timestamp of the record before `offset`, when known: another one there shows that the topic was made again. */
  readonly timeBefore?: number
}

export interface ConsumerLimits {
  /** A member that is not heard of for so long loses its partitions. */
  readonly sessionMs: number
  readonly heartbeatMs: number
  /** Compressed bytes of one partition in one answer, or the longest batch that its topic takes. */
  readonly maxBytesPerPartition: number
  /** Longest wait of a broker for new records, and of us when every partition is on hold. */
  readonly maxWaitMs: number
  readonly commitMs: number
  readonly lagMs: number
  /** How often topics that are not there are looked for. */
  readonly lookMs: number
  /** Lag without progress for so long ends the consumer. */
  readonly stallMs: number
  /** Restarts within 10 minutes after failures that are not outages. */
  readonly maxRestarts: number
}

export const LIMITS: ConsumerLimits = {
  sessionMs: 10_000,
  heartbeatMs: 1000,
  maxBytesPerPartition: 524_288,
  maxWaitMs: 100,
  commitMs: 5000,
  lagMs: 15_000,
  lookMs: 5000,
  stallMs: 60_000,
  maxRestarts: 5,
}

/** All that a consumer knows, over restarts. */
export interface Consuming {
  readonly client: KafkaClient
  readonly options: GroupConsumerOptions
  readonly limits: ConsumerLimits
  readonly closing: AbortController
  /** Those of the options that are there. */
  topics: readonly string[]
  /** Kafka's consumer of now; each restart makes a new one. */
  consumer: KafkaConsumer | undefined
  assignment: Assignment
  readonly settled: Map<string, SettledOffset>
  /** Partitions that are not fetched because their reader is behind. */
  readonly held: Set<string>
  /** Stores offsets; kafkajs hands it out with each batch. */
  commit: ((offsets: SettledTopics) => Promise<void>) | undefined
  /** Batches that are being taken. */
  taking: number
  /** Ends the run of now with an error that no restart can help. */
  fail: (error: Error) => void
}

/** Partitions between one join and the next. A batch that began under another assignment must change nothing. */
export interface Assignment {
  readonly partitions: ReadonlyMap<string, Assigned>
}

export interface Assigned {
  readonly topic: string
  readonly partition: number
  /** Offset to be read next; undefined while it is not known. */
  next: number | undefined
  /** Timestamp of the record before `next`, when known. */
  timeBefore: number | undefined
  /** The record before `next` is read once more, to see whether it is the same. */
  isChecking: boolean
  /** Rises each time that a place is looked for: an answer to an earlier question is void. */
  asked: number
}

/** Everything of a partition below the offset is done with. */
export interface SettledOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Kept beside the offset, for `begin`. */
  readonly metadata?: string
}

export interface SettledTopics {
  readonly topics: {
    topic: string
    partitions: { partition: number; offset: string; metadata: string | null }[]
  }[]
}
