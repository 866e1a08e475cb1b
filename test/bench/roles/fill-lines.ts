import type { KafkaClient } from '../../../io/kafka.ts'
import { openProducer } from '../../../io/kafka-producer.ts'
import { makeTopic } from '../../io/kafka-log.ts'
import { envoyLine } from '../lines.ts'

const PARTITIONS = 4
const APPENDED_AT_ONCE = 500

/** A new topic of Envoy lines, shared out among its partitions as time goes on. */
export async function fillLines(client: KafkaClient, topic: string, records: number): Promise<void> {
  await makeTopic(client, topic, { partitions: PARTITIONS })
  const producer = openProducer(client)
  const writer = async (partition: number): Promise<void> => {
    for (let from = partition * APPENDED_AT_ONCE; from < records; from += PARTITIONS * APPENDED_AT_ONCE) {
      const lines = Array.from({ length: APPENDED_AT_ONCE }, (_, i) => ({
        value: Buffer.from(envoyLine(from + i)),
      }))
      await producer.append(topic, partition, lines)
    }
  }
  await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => writer(partition)))
  await producer.close()
}
