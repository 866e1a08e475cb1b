import { setTimeout as sleep } from 'node:timers/promises'
import { ROLES } from '../../../cli/roles/role.ts'
import { type LogProducer, openProducer } from '../../../io/kafka-producer.ts'
import { eventually, makeTopic, textRecord } from '../../io/kafka-log.ts'
import { startRole } from './member.ts'
import type { Pager } from './pager.ts'
import type { Stand } from './stand.ts'
import { type Theft, theftBy } from './thief.ts'

const TOPIC = 'thefts'
const THIEVES = 240
/** The first are for code that is not compiled yet, and are not counted. */
const WARMING = 20
const EVERY_MS = 100
/** Honest calls beside each theft. */
const CALLS = 20
const REVOKED_BEFORE_MS = 60_000

/** From a record in Kafka to the webhook of its incident, while little else is to be done. */
export async function benchLatency(stand: Stand): Promise<void> {
  const { client, pager } = stand
  const { path } = await stand.deploy('latency', [TOPIC])
  await makeTopic(client, TOPIC)
  const producer = openProducer(client)
  const revokedAt = Date.now() - REVOKED_BEFORE_MS
  const thefts = Array.from({ length: THIEVES }, (_, i) => theftBy(`thief-latency-${i}`, revokedAt))
  await producer.append(
    TOPIC,
    0,
    thefts.map(({ revocation }) => textRecord(revocation)),
  )
  const members = ROLES.map((role) => startRole(role, path))
  await steal(producer, thefts.slice(0, WARMING))
  await untilTold(pager, thefts.slice(0, WARMING))
  const sent = await steal(producer, thefts.slice(WARMING))
  await untilTold(pager, thefts)
  for (const member of members) await member.stop()
  await producer.close()
  const tookMs = [...sent].map(([thief, at]) => pager.named.get(thief)! - at).sort((a, b) => a - b)
  const at = (share: number) => tookMs[Math.ceil(share * tookMs.length) - 1]
  console.log(
    `roles: ${tookMs.length} findings from Kafka to webhook: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`,
  )
}

/** @returns when each theft was sent, epoch ms */
async function steal(producer: LogProducer, thefts: readonly Theft[]): Promise<ReadonlyMap<string, number>> {
  const sent = new Map<string, number>()
  for (const { thief, use } of thefts) {
    const now = Date.now()
    sent.set(thief, now)
    const lines = [...Array.from({ length: CALLS }, (_, i) => honestCall(i, now)), use(now)]
    await producer.append(TOPIC, 0, lines.map(textRecord))
    await sleep(EVERY_MS)
  }
  return sent
}

const honestCall = (i: number, time: number): string =>
  JSON.stringify({ kind: 'call', time, caller: `shop/service-${i}`, callee: `shop/service-${i + 1}` })

const untilTold = (pager: Pager, thefts: readonly Theft[]): Promise<void> =>
  eventually(() => thefts.every(({ thief }) => pager.named.has(thief)), 'all thieves are told of')
