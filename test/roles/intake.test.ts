import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { loadConfig } from '../../cli/load-config.ts'
import { ownTopics } from '../../io/kafka-topics.ts'
import { testClient, wholeLog } from '../io/kafka-log.ts'
import { endProcesses, eventually, type RunProcess, runFolder, startProcess } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { openStage, type Stage } from './stage.ts'

/** `POST /v1/logs` of collectors in processes of their own, one of which is killed. */

const HOUR_MS = 3_600_000
const START = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 8 * HOUR_MS
const END = START + 5 * HOUR_MS
const REQUESTS = 60
const LINES_A_REQUEST = 20
const TOKENS = { proxy: 'mw_proxy', ca: 'mw_ca' }
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
const callAt = (time: number) => ({ kind: 'call', time, caller: 'web', callee: 'ledger' })
const bodyOf = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

interface Collector {
  readonly run: RunProcess
  readonly intake: string
  readonly api: string
}

describe('the intake of two collectors', { skip: without('kafka', 'redis') }, () => {
  const folder = runFolder()
  const closing: (() => Promise<unknown>)[] = []
  let collectors: Collector[]
  let stage: Stage
  let rejects: () => Promise<readonly string[]>

  before(async () => {
    const kafka = await kafkaForTests()
    const redis = await startRedis()
    closing.push(kafka.stop, redis.stop)
    writeFileSync(join(folder, 'bearer.key'), 'f'.repeat(64))
    writeFileSync(join(folder, 'meshwatch.yaml'), yaml(kafka, redis.url.replace('redis://', '')))
    const config = await loadConfig(join(folder, 'meshwatch.yaml'))
    stage = await openStage(config)
    const { topic } = ownTopics(config.kafka!).rejects
    rejects = async () =>
      (await wholeLog(testClient(kafka.bootstrap), topic)).map(({ value }) => {
        const { source, reason } = JSON.parse(value)
        return `${source} ${reason}`
      })
    collectors = await Promise.all([startCollector(), startCollector()])
  })

  after(async () => {
    endProcesses()
    await stage.close()
    for (const close of closing) await close()
  })

  const startRole = (role: string) =>
    startProcess(folder, ['run', '--role', role, '--config', 'meshwatch.yaml'])

  async function startCollector(): Promise<Collector> {
    const run = startRole('collector')
    const { intake, api } = await run.said('started')
    await eventually(async () => ((await fetch(`${api}/readyz`)).status === 200 ? true : undefined))
    return { run, intake: String(intake), api: String(api) }
  }

  /** Sends until it is accepted, by one or the other. */
  async function send(body: string, key: string, token = TOKENS.proxy): Promise<void> {
    for (let turn = 0; ; turn++) {
      const { intake } = collectors[turn % collectors.length]
      const answer = await fetch(`${intake}/v1/logs`, {
        method: 'POST',
        body,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/x-ndjson',
          'idempotency-key': key,
        },
      }).catch(() => undefined)
      if (answer?.status === 202) return
    }
  }

  it('takes each request once, though each is sent twice and a collector is killed', async () => {
    const analyzer = startRole('analyzer')
    for (let i = 0; i < REQUESTS; i++) {
      const body = bodyOf(Array.from({ length: LINES_A_REQUEST }, (_, j) => callAt(START + i * 60_000 + j)))
      await send(body, `request ${i}`)
      collectors.reverse()
      await send(body, `request ${i}`)
      if (i !== REQUESTS / 2) continue
      collectors[0].run.process.kill('SIGKILL')
      collectors[0] = await startCollector()
    }
    const revoked = {
      kind: 'lifecycle',
      time: START,
      action: 'revoked',
      credential: { kind: 'x509', id: 'a1' },
    }
    await send(bodyOf([revoked]), 'revoked')
    await send(bodyOf([callAt(END)]), 'last')
    await stage.judged(END, () => {
      for (const { process } of [analyzer, ...collectors.map(({ run }) => run)])
        if (process.exitCode !== null) throw new Error('a role has ended')
    })
    for (const { process } of [analyzer, ...collectors.map(({ run }) => run)]) process.kill('SIGTERM')
    assert.equal(await analyzer.ended, 0)
    const [{ edges }] = await stage.baselines()
    const edge = edges['web ledger'] as { readonly calls: readonly number[] }
    assert.deepEqual(edge.calls, [REQUESTS * LINES_A_REQUEST + 1])
  })

  it('keeps what a sender may not send as a reject', async () => {
    assert.deepEqual([...new Set(await rejects())], ['http:proxy not-permitted'])
  })
})

function yaml(
  { bootstrap, prefix }: { readonly bootstrap: readonly string[]; readonly prefix: string },
  redis: string,
) {
  return `kafka:
  brokers: [${bootstrap.join(', ')}]
  group: ${prefix}mw
  topicPrefix: ${prefix}mw.
  replicationFactor: 1
  sessionMs: 3000
  partitions: { stream: 1, findings: 1, intake: 3 }
redis: { address: "${redis}", namespace: ${prefix.replaceAll('.', '-')}mw }
bearerKey: { file: bearer.key }
stream: { partitions: 1 }
analyzer: { checkpointEveryMs: 200 }
api: { port: 0 }
metrics: { enabled: false }
intake:
  port: 0
  tokens:
    - { name: proxy, sha256: ${hashOf(TOKENS.proxy)}, allows: traffic }
    - { name: ca, sha256: ${hashOf(TOKENS.ca)} }
`
}
