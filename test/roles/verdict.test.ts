import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Baselines } from '../faults/baselines.ts'
import { type Receiver, startReceiver } from '../faults/receiver.ts'
import { scenario } from '../faults/scenario.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { openCast } from './cast.ts'
import { embeddedVerdict, type Verdict } from './embedded.ts'
import { openStage } from './stage.ts'

const PARTITIONS = 3
const PIECES = 16
const HOUR_MS = 3_600_000

/** The lines in the order of time, and one long after all others: by then every window is closed. */
function linesOf(seed: number): { readonly lines: readonly string[]; readonly end: number } {
  const pieces = scenario(seed).slice(0, PIECES)
  const lines = pieces.flatMap(({ lines, posts }) => [
    ...lines,
    ...posts.flatMap(({ body }) => body.split('\n').filter((line) => line !== '')),
  ])
  const last = Number(/"time":(\d+)/.exec(lines.at(-2)!)?.[1])
  const end = Math.ceil(last / HOUR_MS) * HOUR_MS + 3 * HOUR_MS
  return { lines: [...lines, JSON.stringify({ kind: 'call', time: end, caller: 'a', callee: 'b' })], end }
}

/** Evidence names places in a file here, and in a topic there. */
function withoutPlaces({ edges, ...rest }: Baselines): object {
  const placeless = Object.entries(edges as Record<string, object>).map(([name, edge]) => [
    name,
    { ...edge, evidenceLine: [], evidenceOffset: [] },
  ])
  return { ...rest, edges: Object.fromEntries(placeless) }
}

describe('two collectors, two analyzers and an alerter', { skip: without('kafka', 'redis') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-roles-'))
  const closing: (() => Promise<unknown>)[] = []
  let alone: Verdict
  let together: Verdict
  let pager: Receiver

  before(async () => {
    const { lines, end } = linesOf(1)
    alone = await embeddedVerdict(join(folder, 'alone'), PARTITIONS, lines)
    const kafka = await kafkaForTests()
    const redis = await startRedis()
    pager = await startReceiver()
    closing.push(kafka.stop, redis.stop, pager.close)
    const { bootstrap, prefix } = kafka
    const topic = `${prefix}access`
    const address = redis.url.replace('redis://', '')
    const cast = await openCast({
      folder: join(folder, 'together'),
      ...{ bootstrap, prefix, topic, redis: address, webhook: pager.url, partitions: PARTITIONS },
    })
    const stage = await openStage(cast.config)
    await stage.fill(topic, PARTITIONS, lines)
    for (const role of ['collector', 'collector', 'analyzer', 'analyzer', 'alerter'] as const)
      cast.start(role)
    const findings = await stage.judged(end)
    await cast.stop()
    together = { findings, incidents: await stage.incidents(), baselines: await stage.baselines() }
    await stage.close()
  })

  after(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true })
  })

  it('find what one process finds', () => {
    assert.ok(alone.findings.length >= PIECES, `${alone.findings.length}`)
    assert.deepEqual(together.findings, alone.findings)
  })

  it('raise the same incidents', () => assert.deepEqual(together.incidents, alone.incidents))

  it('learn the same baselines', () =>
    assert.deepEqual(together.baselines.map(withoutPlaces), alone.baselines.map(withoutPlaces)))
})
