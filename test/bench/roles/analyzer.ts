import { readFindingRecord } from '../../../cli/roles/finding-log.ts'
import { ownTopics } from '../../../io/kafka-topics.ts'
import { eventually } from '../../io/kafka-log.ts'
import { fillStream, lineCalls, ROUND_CALLS } from './fill-stream.ts'
import { startRole } from './member.ts'
import type { Stand } from './stand.ts'
import type { Theft } from './thief.ts'

/** An analyzer over a stream topic that was filled before: calls a second between findings at both of its ends. */
export async function benchAnalyzer(stand: Stand, calls: number): Promise<void> {
  const { path, kafka } = await stand.deploy('analyze', ['lines'])
  const { stream, findings } = ownTopics(kafka)
  const { first, last } = await fillStream(stand.client, stream, lineCalls(calls))
  const found = await followFindings(stand, findings.topic)
  const member = startRole('analyzer', path)
  await eventually(() => last.every(({ thief }) => found.at.has(thief)), 'the last thieves are found')
  const cpuSeconds = member.cpuSeconds()
  await Promise.all([member.stop(), found.stop()])
  const timesOf = (thefts: readonly Theft[]) => thefts.map(({ thief }) => found.at.get(thief)!)
  const tookMs = Math.max(...timesOf(last)) - Math.min(...timesOf(first))
  const rate = ((calls - ROUND_CALLS) / tookMs) * 1000
  console.log(
    `roles: analyzer ${Math.round(rate).toLocaleString('en')} calls/s, ${calls.toLocaleString('en')} calls in ${stream.partitions} partitions (${cpuSeconds.toFixed(1)} s of processor)`,
  )
}

/** When each thief was first told of, epoch ms. */
export async function followFindings({ client }: Stand, topic: string) {
  const at = new Map<string, number>()
  const consumer = client.consumer({ groupId: `${topic}-follow`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message: { value, timestamp } }) => {
      const record = readFindingRecord(value)
      const thief = record !== undefined && 'finding' in record && /thief-.*/.exec(record.finding.caller)?.[0]
      if (thief && !at.has(thief)) at.set(thief, Number(timestamp))
    },
  })
  return { at, stop: () => consumer.disconnect() }
}
