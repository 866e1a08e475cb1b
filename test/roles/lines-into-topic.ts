import type { KafkaConfig } from '../../domain/config/kafka.ts'
import { openKafka } from '../../io/kafka.ts'
import { createTopics } from '../../io/kafka-topics.ts'
import { openLog } from '../../io/log.ts'
import { fillTopics } from './fill-topics.ts'
import { oneLog } from './scenario.ts'

/** Makes every topic of ours, and a user's topic of one partition with the lines in it. */
export async function linesIntoTopic(
  config: KafkaConfig,
  topic: string,
  lines: readonly string[],
): Promise<void> {
  const client = openKafka(config, { log: openLog('error') })
  await createTopics(client, config)
  await fillTopics(client, oneLog(lines), () => topic)
}
