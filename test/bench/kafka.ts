import type { KafkaClient } from '../../io/kafka.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { openTopicSources } from '../../io/kafka-source.ts'
import { makeTopic, testClient } from '../io/kafka-log.ts'
import { startKafka } from '../servers/kafka.ts'
import { whyNoKafka } from '../servers/kafka-files.ts'
import { envoyLine } from './lines.ts'

const PARTITIONS = 4
const APPENDED_AT_ONCE = 500
const ROUNDS = 3

/** Envoy lines from a real broker on the same cores: kafkajs with `JSON.parse` alone, and our sources with the same. */
export async function benchKafka(records: number): Promise<void> {
  const reason = whyNoKafka()
  if (reason !== undefined) return console.log(`kafka: left out, ${reason}`)
  const kafka = await startKafka()
  try {
    const client = testClient(kafka.bootstrap)
    await makeTopic(client, 'bench', { partitions: PARTITIONS })
    const appended = await rateOf(records, () => fill(client, records))
    console.log(`kafka: ${show(appended)} records/s appended, ${APPENDED_AT_ONCE} at once`)
    const ratios: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const alone = await rateOf(records, () => readAlone(client, records, `alone-${round}`))
      const sources = await rateOf(records, () => readSources(client, records, `sources-${round}`))
      ratios.push(sources / alone)
      console.log(
        `kafka: ${show(alone)} records/s with kafkajs alone, ${show(sources)} from our sources: ${(sources / alone).toFixed(2)}`,
      )
    }
    console.log(`kafka: median ratio ${ratios.toSorted((a, b) => a - b)[1].toFixed(2)}`)
  } finally {
    await kafka.stop()
  }
}

const show = (rate: number): string => Math.round(rate).toLocaleString('en')

/** @param work resolves with the milliseconds from its first record to its last, or with nothing for all of it */
async function rateOf(records: number, work: () => Promise<number>): Promise<number> {
  return (records / (await work())) * 1000
}

async function fill(client: KafkaClient, records: number): Promise<number> {
  const producer = openProducer(client)
  const startedAt = performance.now()
  const writer = async (partition: number): Promise<void> => {
    for (let from = partition * APPENDED_AT_ONCE; from < records; from += PARTITIONS * APPENDED_AT_ONCE) {
      const lines = Array.from({ length: APPENDED_AT_ONCE }, (_, i) => ({
        value: Buffer.from(envoyLine(from + i)),
      }))
      await producer.append('bench', partition, lines)
    }
  }
  await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => writer(partition)))
  const tookMs = performance.now() - startedAt
  await producer.close()
  return tookMs
}

async function readAlone(client: KafkaClient, records: number, groupId: string): Promise<number> {
  const consumer = client.consumer({ groupId, maxWaitTimeInMs: 100 })
  const { promise, resolve } = Promise.withResolvers<void>()
  let count = 0
  let startedAt = 0
  let checksum = 0
  await consumer.connect()
  await consumer.subscribe({ topic: 'bench', fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      startedAt ||= performance.now()
      for (const { value } of batch.messages) checksum += JSON.parse(String(value)).bytes_sent
      count += batch.messages.length
      if (count >= records) resolve()
    },
  })
  await promise
  const tookMs = performance.now() - startedAt
  await consumer.disconnect()
  if (checksum === 0) throw new Error('nothing was read')
  return tookMs
}

async function readSources(client: KafkaClient, records: number, group: string): Promise<number> {
  const sources = openTopicSources(client, {
    group,
    topics: [{ topic: 'bench', name: 'bench', start: 'earliest' }],
  })
  let count = 0
  let startedAt = 0
  let checksum = 0
  while (count < records) {
    let hasRead = false
    for (const source of sources.current()) {
      const chunk = await source.read()
      if (chunk === undefined) continue
      startedAt ||= performance.now()
      hasRead = true
      count += chunk.records.length
      for (const { text } of chunk.records) checksum += JSON.parse(text).bytes_sent
      source.settle(chunk.end.offset)
    }
    if (!hasRead) await new Promise((resolve) => setTimeout(resolve, 1))
    else await new Promise((resolve) => setImmediate(resolve))
  }
  const tookMs = performance.now() - startedAt
  await sources.close()
  if (checksum === 0) throw new Error('nothing was read')
  return tookMs
}

if (import.meta.main) await benchKafka(400_000)
