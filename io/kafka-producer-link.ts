import { COMPRESSION, type KafkaClient, type KafkaProducer } from './kafka.ts'
import { worldError } from './world-error.ts'

/** A producer and how many sends it has under way: one that was replaced is closed after the last. */
export interface ProducerLink {
  readonly producer: KafkaProducer
  connected: Promise<void> | undefined
  sending: number
  isRetired: boolean
}

/** Connects with the first send. */
export function newLink(client: KafkaClient): ProducerLink {
  const producer = client.producer({
    idempotent: true,
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  })
  return { producer, connected: undefined, sending: 0, isRetired: false }
}

/** Records for one partition. */
export interface Sending {
  readonly topic: string
  readonly partition: number
  readonly messages: Parameters<KafkaProducer['send']>[0]['messages']
}

/**
 * One partition in one request: kafkajs drops the share of a partition silently when its leader moves during a send
 * to several, to a broker that has answered for another one already.
 */
export async function sendOnce(link: ProducerLink, { topic, partition, messages }: Sending): Promise<number> {
  link.sending++
  try {
    await connect(link)
    const answers = await link.producer.send({
      topic,
      messages,
      acks: -1,
      timeout: 8000,
      compression: COMPRESSION,
    })
    const answer = answers.find((it) => it.topicName === topic && it.partition === partition)
    if (answer?.baseOffset === undefined || answer.errorCode !== 0)
      throw worldError('kafka-no-answer', `no answer for ${topic}/${partition}`)
    return Number(answer.baseOffset)
  } finally {
    link.sending--
    if (link.isRetired && link.sending === 0) void disconnect(link)
  }
}

function connect(link: ProducerLink): Promise<void> {
  link.connected ??= link.producer.connect().catch((error: unknown) => {
    link.connected = undefined
    throw error
  })
  return link.connected
}

/** Closes it after the sends that are under way: broken off, they would be in the log twice. */
export function retire(link: ProducerLink): void {
  link.isRetired = true
  if (link.sending === 0) void disconnect(link)
}

/** What is left of a connection that does not close is closed by the brokers. */
export async function disconnect({ producer }: ProducerLink): Promise<void> {
  await producer.disconnect().catch(() => {})
}
