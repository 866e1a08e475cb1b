import { randomUUID } from 'node:crypto'
import type { KafkaBatch, KafkaClient } from '../../../io/kafka.ts'
import { withAdmin } from '../../../io/kafka-log-bounds.ts'

type Message = KafkaBatch['batch']['messages'][number]

/** Reads a topic to where it ends now. */
export async function readLog(
  client: KafkaClient,
  topic: string,
  take: (message: Message) => void,
): Promise<void> {
  const bounds = await withAdmin(client, (admin) => admin.fetchTopicOffsets(topic))
  const ends = new Map(
    bounds.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, Number(high)]),
  )
  const consumer = client.consumer({ groupId: `log-${randomUUID()}`, maxWaitTimeInMs: 100 })
  const { promise, resolve } = Promise.withResolvers<void>()
  if (ends.size === 0) return
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) take(message)
      if (Number(batch.lastOffset()) + 1 >= ends.get(batch.partition)!) ends.delete(batch.partition)
      if (ends.size === 0) resolve()
    },
  })
  await promise
  await consumer.disconnect()
}
