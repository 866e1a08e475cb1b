import { ROW } from '../../../domain/batch.ts'
import { decodeBatch } from '../../../io/batch-codec.ts'
import type { KafkaClient } from '../../../io/kafka.ts'
import { withAdmin } from '../../../io/kafka-log-bounds.ts'
import { ownTopics } from '../../../io/kafka-topics.ts'
import { eventually } from '../../io/kafka-log.ts'
import { type Member, startMember, startRole } from './member.ts'
import { readLog } from './read-log.ts'
import type { Stand } from './stand.ts'

/** A collector from a topic of Envoy lines to acknowledged batches, in turn with kafkajs and `JSON.parse` alone. */

const ROUNDS = 2
const ALONE = new URL('./alone.ts', import.meta.url).pathname

interface Pass {
  readonly recordsPerSecond: number
  /** From the start of the process on. */
  readonly cpuSeconds: number
}

export async function benchCollector(stand: Stand, topic: string, records: number): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await readAlone(stand, topic, records)
    const ours = await collect(stand, { name: `collect-${round}`, topic, records })
    const ratio = ours.recordsPerSecond / alone.recordsPerSecond
    const ratioOfWork = alone.cpuSeconds / ours.cpuSeconds
    console.log(
      `roles: collector ${show(ours)}, kafkajs and JSON.parse alone ${show(alone)}: ratio ${ratio.toFixed(2)}, of processor time ${ratioOfWork.toFixed(2)}`,
    )
  }
}

const show = ({ recordsPerSecond, cpuSeconds }: Pass): string =>
  `${Math.round(recordsPerSecond).toLocaleString('en')} records/s (${cpuSeconds.toFixed(1)} s of processor)`

async function readAlone({ brokers }: Stand, topic: string, records: number): Promise<Pass> {
  const member = startMember([ALONE, brokers.join(','), topic, String(records)])
  await member.ended
  const { tookMs, cpuSeconds } = JSON.parse(member.said()) as { tookMs: number; cpuSeconds: number }
  return { recordsPerSecond: (records / tookMs) * 1000, cpuSeconds }
}

interface Collecting {
  readonly name: string
  readonly topic: string
  readonly records: number
}

async function collect(stand: Stand, { name, topic, records }: Collecting): Promise<Pass> {
  const { client } = stand
  const { path, kafka } = await stand.deploy(name, [topic])
  const member = startRole('collector', path)
  await untilCommitted(client, `${name}-collector`, topic)
  const cpuSeconds = member.cpuSeconds()
  await member.stop()
  const { calls, lastAt } = await callsIn(client, ownTopics(kafka).stream.topic)
  if (calls !== records) throw new Error(`${calls} of ${records} records are in the stream`)
  return { recordsPerSecond: (records / (lastAt - beganAt(member))) * 1000, cpuSeconds }
}

/** When it began to read, epoch ms, by its log. */
function beganAt(member: Member): number {
  const lines = member
    .said()
    .split('\n')
    .filter((line) => line.includes('"reading"'))
  const began = lines.map((line) => JSON.parse(line) as { time: number | string; sources: string[] })
  return Number(new Date(began.find(({ sources }) => sources.length > 0)!.time))
}

/** Waits until a group has stored that it has done with all of a topic. */
export async function untilCommitted(client: KafkaClient, groupId: string, topic: string): Promise<void> {
  await withAdmin(client, async (admin) => {
    const ends = await admin.fetchTopicOffsets(topic)
    await eventually(async () => {
      const [stored] = await admin.fetchOffsets({ groupId, topics: [topic] })
      const at = new Map(stored.partitions.map(({ partition, offset }) => [partition, offset]))
      return ends.every(({ partition, high }) => at.get(partition) === high)
    }, `${groupId} has done with ${topic}`)
  })
}

async function callsIn(client: KafkaClient, topic: string) {
  let calls = 0
  let lastAt = 0
  await readLog(client, topic, ({ value, timestamp }) => {
    const decoded = decodeBatch(value!)
    if (!decoded.ok) throw new Error(`a batch that cannot be read: ${decoded.reason}`)
    const { rows, columns } = decoded.batch
    const own = columns.kind.subarray(0, rows).reduce((sum, kind) => sum + (kind & ROW.call), 0)
    calls += own
    if (own > 0) lastAt = Math.max(lastAt, Number(timestamp))
  })
  return { calls, lastAt }
}
