import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startReceiver } from '../faults/receiver.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../otlp-receiver.ts'
import { eventually } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { openCast } from './cast.ts'
import { linesIntoTopic } from './lines-into-topic.ts'
import { revokedUse } from './revoked-use.ts'

/** What a receiver of traces is told while a revoked certificate is used, by three roles over Kafka. */

const PARTITIONS = 2

describe('traces of roles', { skip: without('kafka', 'redis') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-traces-'))
  const closing: (() => Promise<unknown>)[] = []
  let otlp: OtlpReceiver

  before(async () => {
    const kafka = await kafkaForTests()
    const redis = await startRedis()
    const pager = await startReceiver()
    otlp = await startOtlpReceiver()
    closing.push(kafka.stop, redis.stop, pager.close, otlp.close)
    const { bootstrap, prefix } = kafka
    const topic = `${prefix}access`
    const address = redis.url.replace('redis://', '')
    const cast = await openCast({
      folder,
      ...{ bootstrap, prefix, redis: address, webhook: pager.url, partitions: PARTITIONS },
      sources: [{ name: 'mesh', topic }],
    })
    closing.unshift(cast.stop)
    const telemetry = `telemetry: { enabled: true, endpoint: "${otlp.url}" }\n`
    appendFileSync(join(folder, 'meshwatch.yaml'), telemetry)
    await linesIntoTopic(cast.config.kafka!, topic, revokedUse(Date.now()))
    for (const role of ['collector', 'analyzer', 'alerter'] as const) cast.start(role)
    await eventually(() => pager.received[0])
    await cast.stop()
  })

  after(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true })
  })

  const named = (name: string) => otlp.spans.filter((span) => span.name === name)
  const linked = ({ links }: ReceivedSpan, name: string) =>
    named(name).filter(({ spanId }) => links.some((link) => link.spanId === spanId))

  it('lead from a notification back to the batches of log lines, over processes', () => {
    const [deliver] = named('deliver')
    const [alert] = linked(deliver, 'alert')
    const [analyze] = linked(alert, 'analyze')
    const collects = linked(analyze, 'collect')
    assert.equal(Number(alert.attributes['meshwatch.incidents']) > 0, true)
    assert.equal(Number(analyze.attributes['meshwatch.findings']) > 0, true)
    assert.ok(collects.length > 0)
    const traces = new Set([deliver, alert, analyze, ...collects].map(({ traceId }) => traceId))
    assert.equal(traces.size, 3 + collects.length, 'links, not one trace without end')
  })

  it('say nothing of marks and clocks, only of rows', () => {
    for (const { attributes } of named('collect')) assert.ok(Number(attributes['meshwatch.rows']) > 0)
    for (const { attributes } of named('alert')) assert.ok(Number(attributes['meshwatch.findings']) > 0)
  })
})
