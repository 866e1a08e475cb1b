import type { Route } from '../../domain/route.ts'
import { intakeRoute, intakeSource } from '../../io/intake-route.ts'
import { type IntakeSenders, intakeSenders } from '../../io/intake-senders.ts'
import { intakePartition, kafkaIntake } from '../../io/kafka-intake.ts'
import type { PartitionSource } from '../../io/kafka-source.ts'
import { Redis } from '../../io/redis.ts'
import { type RequestPlaces, requestPlaces } from '../../io/redis-requests.ts'
import type { Role } from './role.ts'

/** What is on its way to the brokers is in memory: senders wait sooner than for a journal on disk. */
const MOST_WAITING_BYTES = 67_108_864
const HOUR_MS = 3_600_000

/** Input over HTTP of all collectors: any of them takes it, and whoever has the sender's partition reads it. */
export interface Intake {
  readonly routes: readonly Route[]
  /** The partitions of the intake topic among these, split by sender; a partition that stays keeps its split. */
  split(current: readonly PartitionSource[]): readonly IntakeSenders[]
  close(): void
}

export function openIntake(role: Role): Intake {
  const { config, producer, topics, stop, clock } = role
  const redis = new Redis({ config: config.redis, log: role.log })
  const places = requestPlaces(redis, config.kafka.retention.intakeHours * HOUR_MS)
  const journal = kafkaIntake({
    producer,
    topic: topics.intake,
    maxBatchBytes: config.kafka.maxBatchBytes,
    // Whether a request is known only saves the log from it: readers ask again.
    isKnown: (part, now) => places.isKnown(part, now).catch(() => false),
    stop,
  })
  const maxJournalBytes = Math.min(MOST_WAITING_BYTES, config.intake.maxJournalBytes)
  let splits: readonly IntakeSenders[] = []
  return {
    routes: [intakeRoute({ journal, now: clock, maxBodyBytes: config.intake.maxBodyBytes, maxJournalBytes })],
    split: (current) => {
      const own = current.filter(({ topic }) => topic === topics.intake.topic)
      splits = own.map(
        (each) => splits.find(({ partition }) => partition === each) ?? splitOf(role, each, places),
      )
      return splits
    },
    close: () => redis.close(),
  }
}

/** Sources of all who may send. */
export function expectedSenders({ config }: Pick<Role, 'config'>): readonly string[] {
  const { tokens } = config.intake
  return tokens.length === 0 ? [intakeSource('local')] : tokens.map(({ name }) => intakeSource(name))
}

function splitOf(role: Role, partition: PartitionSource, { isFirst }: RequestPlaces): IntakeSenders {
  const { topics, readiness, log } = role
  const isHere = (source: string) => intakePartition(source, topics.intake.partitions) === partition.partition
  return intakeSenders(partition, {
    expected: expectedSenders(role).filter(isHere),
    isFirst,
    trouble: (error) => {
      if (error === undefined) return readiness.clear('store-unwritable', partition.name)
      readiness.set('store-unwritable', error.message, partition.name)
      log('error', 'input over HTTP waits for Redis', { partition: partition.name, error: error.message })
    },
  })
}
