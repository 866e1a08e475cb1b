import type { KafkaConfig } from '../../domain/config/kafka.ts'
import { openKafka } from '../../io/kafka.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { createTopics, untilLed } from '../../io/kafka-topics.ts'
import { openLog } from '../../io/log.ts'

/** Makes every topic of ours, and a user's topic of one partition with the lines in it. */
export async function linesIntoTopic(
  config: KafkaConfig,
  topic: string,
  lines: readonly string[],
): Promise<void> {
  const client = openKafka(config, { log: openLog('error') })
  await createTopics(client, config)
  await withAdmin(client, async (admin) => {
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false })
    await untilLed(admin, [topic])
  })
  const producer = openProducer(client)
  await producer.append(
    topic,
    0,
    lines.map((line) => ({ value: Buffer.from(line) })),
  )
  await producer.close()
}
