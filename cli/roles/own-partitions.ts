import { type GroupConsumer, openGroupConsumer } from '../../io/kafka-consumer.ts'
import type { GroupConsumerOptions, PartitionBegin, TakenBatch } from '../../io/kafka-group.ts'
import { meteredConsumer } from '../metered-consumer.ts'
import { type Role, troubleOf } from './role.ts'
import { untilClaimed } from './until-claimed.ts'

/** What a process has in memory of a partition that its group gave it. */
export interface OwnPartition {
  readonly partition: number
  /** Offset of the next record to take. */
  readonly next: number
  /** Its memory is no longer the truth. */
  isLost: boolean
}

/** The partitions of one topic that a process has. */
export interface OwnPartitions<Each> {
  readonly consumer: GroupConsumer
  all(): readonly Each[]
  /** Another process has claimed it, or its store was rolled back: begins again with what is stored. */
  overtaken(at: Each): void
}

export interface OwnPartitionsSetup<Each> {
  readonly topic: 'stream' | 'findings'
  /** Claims it and takes up what is stored of it; without that it begins at the offset. */
  claim(partition: number, first: number): Promise<Each>
  /** Nothing was stored of it. */
  isNew(at: Each): boolean
  readonly whenGone: NonNullable<GroupConsumerOptions['whenGone']>
  take(at: Each, batch: TakenBatch, goesOn: () => boolean): Promise<void>
  readonly words: {
    /** What is said when Kafka knows that there was a state. */
    readonly stateGone: string
    readonly recordsGone: string
  }
}

/** Joins the group of the role; each partition that it is given is claimed, and dropped when another has it. */
export function openOwnPartitions<Each extends OwnPartition>(
  role: Role,
  setup: OwnPartitionsSetup<Each>,
): OwnPartitions<Each> {
  const { client, config, log, meter, stop } = role
  const { topic } = role.topics[setup.topic]
  const own = new Map<number, Each>()
  const consumer = openGroupConsumer(client, {
    group: `${config.kafka.group}-${role.name}`,
    topics: [topic],
    whenGone: setup.whenGone,
    begin: (bounds) => begin(role, setup, { own, bounds }),
    lost: (lost) => {
      for (const { partition } of lost) forget(own, own.get(partition))
    },
    take: async (batch, alive) => {
      const at = own.get(batch.partition)
      const goesOn = () => alive() && !at?.isLost && !stop.aborted
      if (at !== undefined && goesOn()) await setup.take(at, batch, goesOn)
    },
    trouble: troubleOf(role, setup.topic),
    limits: { sessionMs: config.kafka.sessionMs },
    ...meteredConsumer(meter.metrics, new Map([[topic, setup.topic]]), (change) =>
      log('error', setup.words.recordsGone, { ...change }),
    ),
  })
  return {
    consumer,
    all: () => [...own.values()],
    overtaken: (at) => {
      if (!forget(own, at)) return
      const { partition } = at
      log('warn', 'another process has the partition, or its store was rolled back', { partition })
      consumer.again(topic, partition)
    },
  }
}

interface Beginning<Each> {
  readonly own: Map<number, Each>
  readonly bounds: PartitionBegin
}

async function begin<Each extends OwnPartition>(
  { log, stop }: Role,
  { claim, isNew, words }: OwnPartitionsSetup<Each>,
  { own, bounds }: Beginning<Each>,
): Promise<{ offset: number }> {
  const { partition, first, committed } = bounds
  const known = own.get(partition)
  const at = known ?? (await untilClaimed(stop, () => claim(partition, first)))
  own.set(partition, at)
  if (known === undefined && isNew(at) && committed !== undefined)
    log('error', words.stateGone, { partition, from: first })
  log('info', 'has a partition', { partition, offset: at.next })
  return { offset: at.next }
}

/** @returns false when that was known */
function forget<Each extends OwnPartition>(own: Map<number, Each>, at: Each | undefined): boolean {
  if (at === undefined || at.isLost) return false
  at.isLost = true
  if (own.get(at.partition) === at) own.delete(at.partition)
  return true
}
