import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../cli/load-config.ts'
import type { RoleName } from '../../cli/roles/role.ts'
import type { Config } from '../../domain/config/schema.ts'

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

/** Where a process kills itself, and at which passing. With SIGSTOP it only stands still, until it is thawed. */
export type Kill = readonly [place: string, count: number, signal?: 'SIGSTOP']

export interface Member {
  readonly role: RoleName
  /** Kills that were carried out. */
  readonly killed: readonly Kill[]
  /** What the process of now has written to standard error. */
  said(): string
  /** Throws what a process said that ended otherwise than planned. */
  check(): void
  /** Goes on, when it stands still. */
  thaw(): void
  /** Ends the process of now in order. */
  stop(): Promise<void>
}

export interface CastSetup {
  readonly folder: string
  readonly bootstrap: readonly string[]
  readonly redis: string
  readonly prefix: string
  readonly webhook: string
  readonly partitions: number
  readonly topic: string
  /** Every role opens a port for its API, and one for its metrics. */
  readonly hasApi?: boolean
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
      const member = startMember(role, path, kills)
      members.push(member)
      return member
    },
    stop: async () => {
      for (const role of ['collector', 'analyzer', 'alerter'] as const)
        await Promise.all(members.filter((member) => member.role === role).map((member) => member.stop()))
    },
  }
}

interface Life {
  readonly process: ChildProcess
  readonly ended: Promise<unknown>
}

function startMember(role: RoleName, config: string, kills: readonly Kill[]): Member {
  const planned = [...kills]
  const killed: Kill[] = []
  let said = ''
  let failure: Error | undefined
  let isStopping = false
  let life: Life

  const begin = (): Life => {
    const kill = planned.shift()
    const words = [MAIN, role, config, ...(kill ?? []).map(String)]
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'meshwatch-compiled') },
    })
    LIVING.add(child)
    said = ''
    child.stderr.on('data', (text) => {
      said = `${said}${text}`.slice(-20_000)
    })
    const ended = once(child, 'exit').then(([code, signal]) => {
      LIVING.delete(child)
      if (isStopping) return
      if (signal !== 'SIGKILL' || kill === undefined) {
        failure ??= new Error(`the ${role} ended with ${code ?? signal}: ${said}`)
        return
      }
      killed.push(kill)
      life = begin()
    })
    return { process: child, ended }
  }

  life = begin()
  return {
    role,
    killed,
    said: () => said,
    check: () => {
      if (failure !== undefined) throw failure
    },
    thaw: () => void life.process.kill('SIGCONT'),
    stop: async () => {
      isStopping = true
      life.process.kill('SIGCONT')
      life.process.kill('SIGTERM')
      await life.ended
    },
  }
}

/** A test that fails leaves no process behind. */
const LIVING = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of LIVING) child.kill('SIGKILL')
})

function writeConfig(setup: CastSetup): string {
  const { folder, bootstrap, redis, prefix, webhook, partitions, topic, hasApi = false } = setup
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
sources: [{ kafka: { topic: ${topic} }, name: mesh }]
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
