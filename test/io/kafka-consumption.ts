import type { KafkaClient } from '../../io/kafka.ts'
import { type GroupConsumer, openGroupConsumer } from '../../io/kafka-consumer.ts'
import type { GroupConsumerOptions, LogChange, TakenBatch } from '../../io/kafka-group.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { eventually, makeTopic, type NewTopic, testClient, textRecord } from './kafka-log.ts'

/** A consumer, and what it was given so far. */
export interface Consumption {
  readonly consumer: GroupConsumer
  readonly texts: string[]
  readonly changes: LogChange[]
  /** Partitions that it was asked for, in order. */
  readonly begun: number[]
}

export const textsOf = ({ records }: TakenBatch): string[] => records.map(({ value }) => String(value))

/** A broker with topics, and consumers that are closed at the end. */
export interface ConsumerStage {
  readonly bootstrap: readonly string[]
  readonly client: KafkaClient
  /** A new topic that holds these records in partition 0. */
  topicWith(texts: readonly string[], options?: NewTopic): Promise<string>
  append(topic: string, partition: number, texts: readonly string[]): Promise<void>
  /** Deletes the topic and makes one of the same name, which holds these records. */
  remake(topic: string, texts: readonly string[]): Promise<void>
  /** Begins at the first record and keeps what it is given, where nothing else is said. */
  consume(topic: string, options?: Partial<GroupConsumerOptions>): Consumption
  close(): Promise<void>
}

export async function consumerStage(): Promise<ConsumerStage> {
  const kafka = await kafkaForTests()
  const client = testClient(kafka.bootstrap)
  const open: GroupConsumer[] = []
  let topics = 0
  const append = (topic: string, partition: number, texts: readonly string[]) =>
    appendTexts(client, `${topic}/${partition}`, texts)
  return {
    bootstrap: kafka.bootstrap,
    client,
    append,
    topicWith: async (texts, options) => {
      const topic = `${kafka.prefix}t${topics++}`
      await makeTopic(client, topic, options)
      await append(topic, 0, texts)
      return topic
    },
    remake: async (topic, texts) => {
      await remakeTopic(client, topic)
      await append(topic, 0, texts)
    },
    consume: (topic, options) => {
      const consumption = consumeWith(client, topic, options)
      open.push(consumption.consumer)
      return consumption
    },
    close: async () => {
      await Promise.all(open.map((consumer) => consumer.close()))
      await kafka.stop()
    },
  }
}

async function appendTexts(client: KafkaClient, place: string, texts: readonly string[]): Promise<void> {
  const [topic, partition] = place.split('/')
  const producer = openProducer(client)
  if (texts.length > 0) await producer.append(topic, Number(partition), texts.map(textRecord))
  await producer.close()
}

/** Deletes the topic and makes an empty one of the same name. */
export async function remakeTopic(client: KafkaClient, topic: string): Promise<void> {
  await withAdmin(client, async (admin) => {
    await admin.deleteTopics({ topics: [topic] })
    await eventually(async () => !(await admin.listTopics()).includes(topic), 'the topic is gone')
  })
  await makeTopic(client, topic)
}

function consumeWith(
  client: KafkaClient,
  topic: string,
  options: Partial<GroupConsumerOptions> = {},
): Consumption {
  const texts: string[] = []
  const changes: LogChange[] = []
  const begun: number[] = []
  const { begin = ({ first }) => ({ offset: first }), ...rest } = options
  const consumer = openGroupConsumer(client, {
    group: `${topic}-group`,
    topics: [topic],
    take: (batch) => void texts.push(...textsOf(batch)),
    report: (change) => void changes.push(change),
    begin: (log) => {
      begun.push(log.partition)
      return begin(log)
    },
    ...rest,
  })
  return { consumer, texts, changes, begun }
}
