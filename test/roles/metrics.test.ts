import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openKafka } from '../../io/kafka.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { openTopicTail } from '../../io/kafka-tail.ts'
import { ownTopics } from '../../io/kafka-topics.ts'
import { openLog } from '../../io/log.ts'
import { startReceiver } from '../faults/receiver.ts'
import { eventually } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { type Cast, type Member, openCast } from './cast.ts'
import { linesIntoTopic } from './lines-into-topic.ts'
import { revokedUse } from './revoked-use.ts'

const PARTITIONS = 2
const PATIENCE_MS = 60_000
const now = Date.now()
const LINES = revokedUse(now)

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-roles-metrics-'))
after(() => rmSync(folder, { recursive: true }))

/** Samples of what a role exports now, without the prefix; none before its port is open. */
async function samplesOf(member: Member): Promise<ReadonlyMap<string, number>> {
  member.check()
  const url = /"metrics":"([^"]+)"/.exec(member.said())?.[1]
  const text = url === undefined ? '' : await (await fetch(url)).text()
  return new Map(
    [...text.matchAll(/^meshwatch_(\S+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  )
}

/** Waits until each sample is at least so much. */
async function reaches(member: Member, least: Readonly<Record<string, number>>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const samples = await samplesOf(member)
    const missing = Object.keys(least).filter((name) => !((samples.get(name) ?? 0) >= least[name]))
    if (missing.length === 0) return
    const shown = missing.map((name) => `${name} ${samples.get(name)}`)
    assert.ok(performance.now() < deadline, `${member.role}: ${shown}`)
    await sleep(100)
  }
}

const SECRET = 'hunter2-hunter2'
/** Records that no role writes. */
const FORGED = [
  '',
  `Authorization: Bearer ${SECRET}`,
  '{"finding":{"id":"x"}}',
  '{"fact":"incident","caller":7}',
]

/** Bytes of the first records that the topic of rejects has of the reason, as texts. */
async function keptRejects({ kafka }: Cast['config'], reason: string, count: number): Promise<string[]> {
  const client = openKafka(kafka!, { log: openLog('error') })
  const { topic } = ownTopics(kafka!).rejects
  const tail = openTopicTail(client, { topic, group: 'rejects', whenGone: 'continue' })
  const kept: string[] = []
  try {
    for (const deadline = performance.now() + PATIENCE_MS; kept.length < count; await tail.arrived(100)) {
      assert.ok(performance.now() < deadline, `${kept.length} of ${count} rejects`)
      for (const { value } of tail.read()?.records ?? []) {
        const reject = JSON.parse(String(value))
        if (reject.reason === reason) kept.push(Buffer.from(reject.bytes, 'base64').toString())
      }
    }
    return kept
  } finally {
    await tail.close()
  }
}

describe('the metrics of roles', { skip: without('kafka', 'redis') }, () => {
  const closing: (() => Promise<unknown>)[] = []
  let cast: Cast

  before(async () => {
    const [kafka, redis, pager] = [await kafkaForTests(), await startRedis(), await startReceiver()]
    closing.push(kafka.stop, redis.stop, pager.close)
    const { bootstrap, prefix } = kafka
    const address = redis.url.replace('redis://', '')
    const topic = `${prefix}access`
    const sources = [{ name: 'mesh', topic }]
    const servers = { bootstrap, prefix, sources, redis: address, webhook: pager.url }
    cast = await openCast({ folder: join(folder, 'cast'), ...servers, partitions: PARTITIONS, hasApi: true })
    closing.unshift(cast.stop)
    await linesIntoTopic(cast.config.kafka!, topic, LINES)
    for (const role of ['collector', 'analyzer', 'alerter'] as const) cast.start(role)
  })

  after(async () => {
    for (const close of closing) await close()
  })

  const member = (role: Member['role']) => cast.members.find((it) => it.role === role)!

  it('tell what a collector has taken in', () =>
    reaches(member('collector'), {
      events_accepted_total: LINES.length,
      'credential_uses_total{kind="x509"}': 3,
      'lifecycle_events_total{action="revoked"}': 1,
      'source_last_record_timestamp_seconds{source="mesh"}': now / 1000,
      'stage_duration_seconds_count{stage="collector"}': 1,
      rebalances_total: 1,
    }))

  it('tell what an analyzer has found and stored', () =>
    reaches(member('analyzer'), {
      'findings_total{detector="revoked-credential",severity="critical"}': 1,
      'stage_duration_seconds_count{stage="analyzer"}': 1,
      checkpoint_duration_seconds_count: 1,
      rebalances_total: 1,
    }))

  it('tell what an alerter has opened and delivered', () =>
    reaches(member('alerter'), {
      'incidents_opened_total{detector="revoked-credential"}': 1,
      'incidents{state="open",severity="critical"}': 1,
      incident_oldest_open_timestamp_seconds: 1,
      'deliveries_total{endpoint="pager",result="delivered"}': 1,
      delivery_attempt_duration_seconds_count: 1,
      rebalances_total: 1,
    }))

  it('tell that nothing is left unread', async () => {
    const topics = { collector: 'mesh', analyzer: 'stream', alerter: 'findings' } as const
    for (const role of ['collector', 'analyzer', 'alerter'] as const) {
      const name = `consumer_lag_records{topic="${topics[role]}"}`
      await eventually(async () => ((await samplesOf(member(role))).get(name) === 0 ? true : undefined))
    }
  })

  it('tell of the callers of each analyzer, and of identities at risk', async () => {
    await reaches(member('analyzer'), { 'callers{namespace="other",state="learning"}': 1 })
    await reaches(member('alerter'), { 'namespace_incidents{namespace="other"}': 1 })
    const alerter = await samplesOf(member('alerter'))
    assert.ok([...alerter].some(([name, risk]) => name.startsWith('identity_risk_score{') && risk === 100))
    assert.ok(!alerter.has('callers{namespace="other",state="learning"}'))
  })

  it('tell how long calls of Redis take', () =>
    reaches(member('alerter'), {
      'store_call_duration_seconds_count{store="incidents",operation="write"}': 1,
      'store_call_duration_seconds_count{store="incidents",operation="read"}': 1,
    }))

  it('tell that canaries come through all of them, again and again', async () => {
    for (const role of ['collector', 'analyzer', 'alerter'] as const)
      await reaches(member(role), { [`canary_timestamp_seconds{stage="${role}"}`]: now / 1000 + 5 })
  })

  it('tell nothing of other parts', async () => {
    const analyzer = await samplesOf(member('analyzer'))
    assert.ok(!analyzer.has('canary_timestamp_seconds{stage="alerter"}'))
    assert.ok(!analyzer.has('events_accepted_total'))
    assert.equal(analyzer.get('metric_overflow_total'), 0)
  })

  it('tell of records that nobody of ours wrote, and go on behind them', async () => {
    const { kafka } = cast.config
    const producer = openProducer(openKafka(kafka!, { log: openLog('error') }))
    const { stream, facts, decisions, findings } = ownTopics(kafka!)
    for (const { topic } of [stream, facts, decisions, findings])
      for (const value of FORGED) await producer.append(topic, 0, [{ value: Buffer.from(value) }])
    await producer.close()
    await reaches(member('analyzer'), { 'rejects_total{reason="not-a-batch"}': FORGED.length })
    const from = Date.now() / 1000
    for (const role of ['collector', 'analyzer', 'alerter'] as const)
      await reaches(member(role), { [`canary_timestamp_seconds{stage="${role}"}`]: from })
  })

  it('have come with what was refused, but for the secrets in it', async () => {
    const kept = await keptRejects(cast.config, 'not-a-batch', FORGED.length)
    assert.deepEqual(
      kept.sort(),
      FORGED.map((text) => text.replace(SECRET, '*'.repeat(SECRET.length))).sort(),
    )
  })

  it('tell that a canary stands still behind a role that is away', async () => {
    const stampOf = async (role: Member['role']) =>
      (await samplesOf(member(role))).get(`canary_timestamp_seconds{stage="${role}"}`) ?? 0
    const collectorComesBy = async (seconds: number) => {
      const stamp = (await stampOf('collector')) + seconds
      await reaches(member('collector'), { 'canary_timestamp_seconds{stage="collector"}': stamp })
    }
    await member('analyzer').stop()
    await collectorComesBy(2)
    const before = await stampOf('alerter')
    await collectorComesBy(7)
    assert.equal(await stampOf('alerter'), before)
  })
})
