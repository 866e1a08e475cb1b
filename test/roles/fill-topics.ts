import { fnv1a } from '../../domain/hash.ts'
import type { KafkaClient } from '../../io/kafka.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import { type OutgoingRecord, openProducer } from '../../io/kafka-producer.ts'
import { untilLed } from '../../io/kafka-topics.ts'
import type { Log, Logs } from './scenario.ts'

const LINES_A_SEND = 500

/** Makes a topic for each log and writes its lines there, those with the same key in their order. */
export async function fillTopics(
  client: KafkaClient,
  logs: Logs,
  topicOf: (log: string) => string,
): Promise<void> {
  const topics = logs.logs.map(({ name, partitions }) => ({
    topic: topicOf(name),
    numPartitions: partitions,
  }))
  const names = topics.map(({ topic }) => topic)
  await withAdmin(client, async (admin) => {
    await admin.createTopics({ topics, waitForLeaders: false })
    await untilLed(admin, names)
  })
  const producer = openProducer(client)
  for (const { log, partition, records } of recordsOf(logs))
    await producer.append(topicOf(log), partition, records)
  await producer.close()
}

interface Filled {
  readonly log: string
  readonly partition: number
  readonly records: OutgoingRecord[]
}

/** The lines in records, some of one partition at a time. */
function* recordsOf({ logs, lines }: Logs): Generator<Filled> {
  const begun = new Map(logs.map((log) => [log.name, { log, parts: partsOf(log) }]))
  for (const { log: name, line } of lines()) {
    const { log, parts } = begun.get(name)!
    const part = parts[fnv1a(log.keyOf(line)) % log.partitions]
    part.records.push({ value: Buffer.from(line) })
    if (part.records.length === LINES_A_SEND) yield { ...part, records: part.records.splice(0) }
  }
  for (const { parts } of begun.values()) yield* parts.filter(({ records }) => records.length > 0)
}

function partsOf({ name, partitions }: Log): Filled[] {
  return Array.from({ length: partitions }, (_, partition) => ({ log: name, partition, records: [] }))
}
