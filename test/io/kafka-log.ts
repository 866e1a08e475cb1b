import { randomUUID } from 'node:crypto'
import type { KafkaConfig } from '../../domain/config/kafka.ts'
import { readConfig } from '../../domain/config/read.ts'
import { type KafkaClient, openKafka } from '../../io/kafka.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import { untilLed } from '../../io/kafka-topics.ts'

/** A configuration with these brokers and every default. */
export function kafkaConfig(brokers: readonly string[], more: Partial<KafkaConfig> = {}): KafkaConfig {
  const text = `kafka: { brokers: [${brokers.join(', ')}], replicationFactor: 1 }`
  const result = readConfig(text, 'test', { formats: [], detectors: {}, channels: {} })
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return { ...result.config.kafka!, ...more }
}

const silent = { debug: () => {}, warn: () => {}, error: () => {} }

/** A client that says nothing, except where MESHWATCH_TEST_LOG asks for it. */
export function testClient(brokers: readonly string[], more: Partial<KafkaConfig> = {}): KafkaClient {
  const warn = (fields: object, message: string) => console.error(message, JSON.stringify(fields))
  const log = process.env['MESHWATCH_TEST_LOG'] === undefined ? silent : { debug: warn, warn, error: warn }
  return openKafka(kafkaConfig(brokers, more), { log, environment: {} })
}

export interface NewTopic {
  readonly partitions?: number
  readonly copies?: number
  readonly settings?: Readonly<Record<string, string>>
}

/** Creates a topic and waits until each of its partitions has a leader. */
export async function makeTopic(client: KafkaClient, topic: string, options: NewTopic = {}): Promise<void> {
  const { partitions = 1, copies = 1, settings = {} } = options
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  const wanted = { topic, numPartitions: partitions, replicationFactor: copies, configEntries }
  await withAdmin(client, async (admin) => {
    await admin.createTopics({ topics: [wanted], waitForLeaders: false })
    await untilLed(admin, [topic])
  })
}

/** Deletes the records below an offset, as retention would. */
export async function deleteBelow(client: KafkaClient, topic: string, offset: number): Promise<void> {
  await withAdmin(client, async (admin) => {
    // kafkajs only knows leaders of topics that it has asked about.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] })
  })
}

export interface Logged {
  readonly partition: number
  readonly offset: number
  readonly value: string
}

/** Everything that a topic holds, read with kafkajs alone: what the adapter claims is held against it. */
export async function wholeLog(client: KafkaClient, topic: string): Promise<readonly Logged[]> {
  const bounds = await withAdmin(client, (admin) => admin.fetchTopicOffsets(topic))
  const ends = new Map(
    bounds.filter(({ low, high }) => low !== high).map((it) => [it.partition, Number(it.high)]),
  )
  const found: Logged[] = []
  if (ends.size === 0) return found
  const consumer = client.consumer({ groupId: `log-${randomUUID()}`, maxWaitTimeInMs: 100 })
  const { promise, resolve } = Promise.withResolvers<void>()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { offset, value } of batch.messages)
        found.push({ partition: batch.partition, offset: Number(offset), value: String(value) })
      if (Number(batch.lastOffset()) + 1 >= ends.get(batch.partition)!) ends.delete(batch.partition)
      if (ends.size === 0) resolve()
    },
  })
  await promise
  await consumer.disconnect()
  return found
}

/** Waits until it is so. @throws after a time that only a failure needs */
export async function eventually(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  ms = 60_000,
): Promise<void> {
  for (const deadline = performance.now() + ms; performance.now() < deadline; ) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`not within ${ms / 1000} s: ${what}`)
}

export const textRecord = (text: string) => ({ value: Buffer.from(text) })
