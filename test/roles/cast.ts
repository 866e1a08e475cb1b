import { mkdirSync, writeFileSync } from 'node:fs'
import { loadConfig } from '../../cli/load-config.ts'
import type { RoleName } from '../../cli/roles/role.ts'
import type { Config } from '../../domain/config/schema.ts'
import { type Kill, type MortalProcess, startMortal } from '../mortal-process.ts'

/** Processes of roles over one Kafka and one Redis. */
export interface Cast {
  readonly config: Config
  readonly members: readonly Member[]
  /**
   * Starts a role in a process of its own. With kills it dies at the places, one a process, and is started again
   * each time.
   */
  start(role: RoleName, kills?: readonly Kill[]): Member
  /** Ends all in order, alerters last. */
  stop(): Promise<void>
}

export interface Member extends MortalProcess {
  readonly role: RoleName
}

export interface CastSetup {
  readonly folder: string
  readonly bootstrap: readonly string[]
  readonly redis: string
  readonly prefix: string
  readonly webhook: string
  readonly partitions: number
  readonly sources: readonly SourceTopic[]
  /** Every role opens a port for its API, and one for its metrics. */
  readonly hasApi?: boolean
}

/** A topic of logs. */
export interface SourceTopic {
  readonly name: string
  readonly topic: string
  readonly format?: string
}

const MAIN = new URL('./role-main.ts', import.meta.url).pathname

/** Nobody started yet; the configuration is written. */
export async function openCast(setup: CastSetup): Promise<Cast> {
  const path = writeConfig(setup)
  const members: Member[] = []
  return {
    config: await loadConfig(path),
    members,
    start: (role, kills = []) => {
      const member = { ...startMortal({ name: role, words: [MAIN, role, path], kills }), role }
      members.push(member)
      return member
    },
    stop: async () => {
      for (const role of ['collector', 'analyzer', 'alerter'] as const)
        await Promise.all(members.filter((member) => member.role === role).map((member) => member.stop()))
    },
  }
}

function writeConfig(setup: CastSetup): string {
  const { folder, bootstrap, redis, prefix, webhook, partitions, sources, hasApi = false } = setup
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/secret`, `whsec_${'A'.repeat(32)}`)
  writeFileSync(`${folder}/bearer.key`, 'f'.repeat(64))
  writeFileSync(
    `${folder}/meshwatch.yaml`,
    `dataDir: ${folder}/data
bearerKey: { file: ${folder}/bearer.key }
kafka:
  brokers: [${bootstrap.join(', ')}]
  group: ${prefix}mw
  topicPrefix: ${prefix}mw.
  replicationFactor: 1
  sessionMs: 3000
  partitions: { stream: ${partitions}, findings: 2, intake: 1 }
redis: { address: "${redis}", namespace: ${prefix.replaceAll('.', '-')}mw }
sources:
${sources.map(sourceText).join('\n')}
stream: { partitions: ${partitions} }
analyzer: { checkpointEveryMs: 200, factsWaitMs: 240000 }
api: { enabled: ${hasApi}, port: 0 }
intake: { enabled: false }
metrics: { enabled: ${hasApi}, port: 0 }
alerter:
  endpoints:
    - { name: pager, minimumSeverity: low, webhook: { url: "${webhook}", secrets: [{ file: ${folder}/secret }] } }
`,
  )
  return `${folder}/meshwatch.yaml`
}

function sourceText({ name, topic, format = 'auto' }: SourceTopic): string {
  return `  - { kafka: { topic: ${topic} }, name: ${name}, format: ${format} }`
}
