import type { KafkaAdmin, KafkaClient } from './kafka.ts'

/** Which records of a partition there are, as its leader says. */
export interface LogBounds {
  readonly topic: string
  readonly partition: number
  /** Offset of the first record that is kept. */
  readonly first: number
  /** Offset that the next record will get. */
  readonly end: number
}

/** What a group stored for one partition. */
export interface CommittedOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly metadata: string
}

/** Number of topics among the things that have settings. */
export const TOPIC_RESOURCE = 2

/** Does something with an administrator of its own: a connection of an hour ago may lead to no broker. */
export async function withAdmin<Result>(
  client: KafkaClient,
  work: (admin: KafkaAdmin) => Promise<Result>,
): Promise<Result> {
  const admin = client.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/** Bounds of all partitions of the topics. */
export async function logBounds(admin: KafkaAdmin, topics: readonly string[]): Promise<readonly LogBounds[]> {
  const bounds = topics.map(async (topic) =>
    (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => {
      return { topic, partition, first: Number(low), end: Number(high) }
    }),
  )
  return (await Promise.all(bounds)).flat()
}

/** Bytes of the longest record batch that the topics take; 0 when we may not know. */
export async function longestBatch(admin: KafkaAdmin, topics: readonly string[]): Promise<number> {
  try {
    const resources = topics.map((name) => ({
      type: TOPIC_RESOURCE,
      name,
      configNames: ['max.message.bytes'],
    }))
    const answer = await admin.describeConfigs({ includeSynonyms: false, resources })
    const values = answer.resources.flatMap((it) =>
      it.configEntries.map(({ configValue }) => Number(configValue)),
    )
    return Math.max(0, ...values)
  } catch {
    return 0
  }
}

/** What the group stored for partitions of the topics; partitions without are left out. */
export async function committedOffsets(
  admin: KafkaAdmin,
  groupId: string,
  topics: readonly string[],
): Promise<readonly CommittedOffset[]> {
  const stored = await admin.fetchOffsets({ groupId, topics: [...topics] })
  return stored.flatMap(({ topic, partitions }) =>
    partitions
      .map(({ partition, offset, metadata }) => {
        return { topic, partition, offset: Number(offset), metadata: metadata ?? '' }
      })
      .filter(({ offset }) => offset >= 0),
  )
}
