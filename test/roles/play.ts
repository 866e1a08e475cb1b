import type { RoleName } from '../../cli/roles/role.ts'
import type { Incident } from '../../domain/incident.ts'
import type { Baselines } from '../faults/baselines.ts'
import { type Receiver, startReceiver } from '../faults/receiver.ts'
import type { Kill } from '../mortal-process.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { type CastSetup, type Member, openCast } from './cast.ts'
import type { Verdict } from './embedded.ts'
import type { Scenario } from './scenario.ts'
import { openStage } from './stage.ts'

export interface Play {
  /** Of its topics and groups. */
  readonly name: string
  readonly folder: string
  readonly partitions: number
  readonly scenario: Scenario
  readonly cast: readonly { readonly role: RoleName; readonly kills?: readonly Kill[] }[]
}

interface Acted extends Verdict {
  readonly members: readonly Member[]
}

export interface Played extends Acted {
  readonly pager: Receiver
  close(): Promise<void>
}

/** Plays the lines to processes over a real Kafka and a real Redis until all is judged. */
export async function play(setup: Play): Promise<Played> {
  const [kafka, redis, pager] = await Promise.all([kafkaForTests(), startRedis(), startReceiver()])
  const close = async () => {
    await Promise.all([kafka.stop(), redis.stop(), pager.close()])
  }
  try {
    const prefix = `${kafka.prefix}${setup.name}.`
    const address = redis.url.replace('redis://', '')
    const servers = { bootstrap: kafka.bootstrap, prefix, redis: address, webhook: pager.url }
    return { ...(await playOn(servers, setup)), pager, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Servers = Pick<CastSetup, 'bootstrap' | 'prefix' | 'redis' | 'webhook'>

async function playOn(servers: Servers, { folder, partitions, scenario, cast: roles }: Play): Promise<Acted> {
  const topicOf = (log: string) => `${servers.prefix}${log}`
  const sources = scenario.logs.map(({ name, format }) => ({ name, format, topic: topicOf(name) }))
  const cast = await openCast({ folder, ...servers, partitions, sources })
  const stage = await openStage(cast.config)
  try {
    await stage.fill(scenario, topicOf)
    for (const { role, kills = [] } of roles) cast.start(role, kills)
    const findings = await stage.judged(scenario.end, () => {
      for (const member of cast.members) member.check()
    })
    await cast.stop()
    const { members } = cast
    return { findings, incidents: await stage.incidents(), baselines: await stage.baselines(), members }
  } finally {
    await cast.stop()
    await stage.close()
  }
}

/** Incidents as their groups and the findings that they are made of, in an order that two plays share. */
export function incidentTexts(incidents: readonly Incident[]): readonly string[] {
  const idsOf = ({ findings }: Incident) => findings.map(({ id }) => id).sort()
  return incidents.map((incident) => `${incident.group}: ${idsOf(incident).join(' ')}`).sort()
}

/** Evidence names places in a file in one process, and in a topic in several. */
export function withoutPlaces({ edges, ...rest }: Baselines): object {
  const placeless = Object.entries(edges as Record<string, object>).map(([name, edge]) => [
    name,
    { ...edge, evidenceLine: [], evidenceOffset: [] },
  ])
  return { ...rest, edges: Object.fromEntries(placeless) }
}
