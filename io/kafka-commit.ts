import type { Consuming, SettledOffset, SettledTopics } from './kafka-group.ts'

/**
 * Stores what was settled of our partitions. Kafka refuses it when they have become another's; nothing depends on it
 * but the next reader, who then reads again what was read already.
 * @returns false when something is still to be stored
 */
export async function commitSettled(consuming: Consuming): Promise<boolean> {
  const { settled, consumer, assignment } = consuming
  if (consumer === undefined) return settled.size === 0
  const ours = [...settled].filter(([name]) => assignment.partitions.has(name)).map(([, it]) => it)
  settled.clear()
  if (ours.length === 0) return true
  try {
    // The other way of kafkajs repeats a request to a broker that is no longer the coordinator, for half a minute.
    if (consuming.commit !== undefined) await consuming.commit({ topics: byTopic(ours) })
    else
      await consumer.commitOffsets(
        ours.map(({ topic, partition, offset, metadata }) => {
          return { topic, partition, offset: String(offset), metadata: metadata ?? null }
        }),
      )
    return true
  } catch {
    for (const it of ours) {
      const name = `${it.topic}/${it.partition}`
      if (!settled.has(name)) settled.set(name, it)
    }
    return false
  }
}

function byTopic(settled: readonly SettledOffset[]): SettledTopics['topics'] {
  return [...Map.groupBy(settled, ({ topic }) => topic)].map(([topic, offsets]) => ({
    topic,
    partitions: offsets.map(({ partition, offset, metadata }) => {
      return { partition, offset: String(offset), metadata: metadata ?? null }
    }),
  }))
}
