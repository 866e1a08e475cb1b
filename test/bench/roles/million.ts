import { ROLES } from '../../../cli/roles/role.ts'
import { openProducer } from '../../../io/kafka-producer.ts'
import { eventually, makeTopic, textRecord } from '../../io/kafka-log.ts'
import { envoyLine } from '../lines.ts'
import { untilCommitted } from './collector.ts'
import { startRole } from './member.ts'
import type { Stand } from './stand.ts'
import { theftBy } from './thief.ts'

const THIEVES = 24

/** Processor time of one process of each role, from its start until the last webhook of thefts behind all lines. */
export async function benchMillion(stand: Stand, topic: string, records: number): Promise<void> {
  const { client, pager } = stand
  const { path } = await stand.deploy('million', [topic, 'million-thefts'])
  const timeOf = (line: number): number => Date.parse(/"start_time":"([^"]*)"/.exec(envoyLine(line))![1])
  const thefts = Array.from({ length: THIEVES }, (_, i) => theftBy(`thief-million-${i}`, timeOf(0)))
  await makeTopic(client, 'million-thefts')
  const producer = openProducer(client)
  const lines = [
    ...thefts.map(({ revocation }) => revocation),
    ...thefts.map(({ use }) => use(timeOf(records))),
  ]
  await producer.append('million-thefts', 0, lines.map(textRecord))
  await producer.close()
  const began = performance.now()
  const members = ROLES.map((role) => ({ role, member: startRole(role, path) }))
  await eventually(() => thefts.every(({ thief }) => pager.named.has(thief)), 'all thieves are told of')
  const seconds = (performance.now() - began) / 1000
  const used = members.map(({ role, member }) => ({ role, seconds: member.cpuSeconds() }))
  await untilCommitted(client, 'million-collector', topic)
  for (const { member } of members) await member.stop()
  const whole = used.reduce((sum, each) => sum + each.seconds, 0)
  console.log(
    `roles: ${records.toLocaleString('en')} records through one process of each role in ${seconds.toFixed(1)} s, ${whole.toFixed(1)} s of processor ` +
      `(${used.map(({ role, seconds }) => `${role} ${seconds.toFixed(1)}`).join(', ')})`,
  )
}
