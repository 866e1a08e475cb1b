import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadConfig } from '../../cli/load-config.ts'
import type { RoleName } from '../../cli/roles/role.ts'
import type { Config } from '../../domain/config/schema.ts'

/** Processes of roles over one Kafka and one Redis. */
export interface Cast {
  readonly config: Config
  /** Starts a role in a process of its own. */
  start(role: RoleName, kill?: string): Member
  /** Ends all in order, alerters last. */
  stop(): Promise<void>
}

export interface Member {
  readonly role: RoleName
  readonly process: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
  said(): string
}

export interface CastSetup {
  readonly folder: string
  readonly bootstrap: readonly string[]
  readonly redis: string
  readonly prefix: string
  readonly webhook: string
  readonly partitions: number
  readonly topic: string
}

const MAIN = new URL('./role-main.ts', import.meta.url).pathname

/** Nobody started yet; the configuration is written. */
export async function openCast(setup: CastSetup): Promise<Cast> {
  const path = writeConfig(setup)
  const members: Member[] = []
  return {
    config: await loadConfig(path),
    start: (role, kill = '') => {
      const member = startMember(role, path, kill)
      members.push(member)
      return member
    },
    stop: async () => {
      for (const role of ['collector', 'analyzer', 'alerter'] as const) {
        const living = members.filter((member) => member.role === role)
        for (const { process } of living) process.kill('SIGTERM')
        for (const { ended } of living) await ended
      }
    },
  }
}

function startMember(role: RoleName, config: string, kill: string): Member {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, role, config, kill], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => {
    said = `${said}${text}`.slice(-20_000)
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  return { role, process: child, ended, said: () => said }
}

function writeConfig(setup: CastSetup): string {
  const { folder, bootstrap, redis, prefix, webhook, partitions, topic } = setup
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
  partitions: { stream: ${partitions}, findings: 2, intake: 1 }
redis: { address: "${redis}", namespace: ${prefix.replaceAll('.', '-')}mw }
sources: [{ kafka: { topic: ${topic} }, name: mesh }]
stream: { partitions: ${partitions} }
analyzer: { checkpointEveryMs: 200 }
api: { enabled: false }
metrics: { enabled: false }
alerter:
  endpoints:
    - { name: pager, minimumSeverity: low, webhook: { url: "${webhook}", secrets: [{ file: ${folder}/secret }] } }
`,
  )
  return `${folder}/meshwatch.yaml`
}
