import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from '../../io/redis.ts'
import { partitionKey } from '../../io/redis-namespace.ts'
import { startReceiver } from '../faults/receiver.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { type Cast, type Member, openCast } from './cast.ts'
import { embeddedVerdict, type Verdict } from './embedded.ts'
import { linesOf } from './lines.ts'
import { incidentTexts, withoutPlaces } from './play.ts'
import { type LogLine, oneLog } from './scenario.ts'
import { openStage, type Stage } from './stage.ts'

const PARTITIONS = 3
const HALF_DAYS = 16
const HOUR_MS = 3_600_000
const PATIENCE_MS = 120_000
/** One source, so that lines that come later are late in no other. */
const SCENARIO = linesOf(4, { halfDays: HALF_DAYS, partitions: 1 })

/** Half days. The analyzers come to the end of each part before the next is there; the second one they judge twice. */
const PARTS = [
  { from: 0, to: 6 },
  { from: 6, to: 12 },
  { from: 12, to: Number.POSITIVE_INFINITY },
] as const

const COPY = {
  name: 'testCopy',
  lua: `for i = 1, #KEYS, 2 do redis.call('COPY', KEYS[i], KEYS[i + 1], 'REPLACE') end`,
}

const timeOf = ({ line }: LogLine): number => Number(/"time":(\d+)/.exec(line)?.[1] ?? 0)

/** Lines of some half days. */
function linesBetween(from: number, to: number): readonly LogLine[] {
  const lines = [...SCENARIO.lines()]
  const start = timeOf(lines[0]) - (timeOf(lines[0]) % (12 * HOUR_MS))
  const borderOf = (halfDay: number) => lines.findIndex((it) => timeOf(it) >= start + halfDay * 12 * HOUR_MS)
  return lines.slice(borderOf(from), Number.isFinite(to) ? borderOf(to) : undefined)
}

/**
 * A server that is put back to an older state while all go on: hours of what the partitions told each other are
 * forgotten by then.
 */
describe('analyzers whose store is rolled back', { skip: without('kafka', 'redis') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-rolled-back-'))
  const closing: (() => Promise<unknown>)[] = []
  let alone: Verdict
  let together: Verdict
  let cast: Cast
  let stage: Stage
  let redis: Redis

  const check = () => {
    for (const member of cast.members) member.check()
  }

  async function until(member: Member, what: RegExp, times: number): Promise<void> {
    for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(20)) {
      if ([...member.said().matchAll(what)].length >= times) return
      check()
      assert.ok(performance.now() < deadline, `the ${member.role} never said ${what}: ${member.said()}`)
    }
  }

  /** Copies what is stored of the stream partitions, each at once. */
  async function copy(from: string, to: string): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const key = partitionKey(redis, 'stream', partition)
      const keys = ['meta', 'pages'].flatMap((name) => [`${key}:${name}${from}`, `${key}:${name}${to}`])
      await redis.run(COPY, { keys, values: [] })
    }
  }

  before(async () => {
    alone = await embeddedVerdict(join(folder, 'alone'), PARTITIONS, SCENARIO)
    const [kafka, server, pager] = await Promise.all([kafkaForTests(), startRedis(), startReceiver()])
    closing.push(kafka.stop, server.stop, pager.close)
    const { bootstrap, prefix } = kafka
    const address = server.url.replace('redis://', '')
    const topic = `${prefix}access`
    const sources = [{ name: 'mesh', topic }]
    const servers = { bootstrap, prefix, sources, redis: address, webhook: pager.url }
    cast = await openCast({ folder: join(folder, 'cast'), ...servers, partitions: PARTITIONS })
    closing.unshift(cast.stop)
    redis = new Redis({ config: cast.config.redis!, log: () => {} })
    closing.unshift(async () => redis.close())
    stage = await openStage(cast.config)
    closing.unshift(stage.close)
    const [analyzer] = (['analyzer', 'collector', 'alerter'] as const).map((role) => cast.start(role))
    const add = async (part: (typeof PARTS)[number]): Promise<readonly string[]> => {
      const lines = linesBetween(part.from, part.to)
      await stage.fill({ ...oneLog([]), lines: () => lines }, () => topic)
      const last = Math.max(...lines.map(timeOf))
      return stage.judged(part === PARTS.at(-1) ? SCENARIO.end : last - HOUR_MS, check)
    }
    await add(PARTS[0])
    await copy('', '-before')
    await add(PARTS[1])
    await copy('-before', '')
    await until(analyzer, /store was rolled back"/g, PARTITIONS)
    const findings = await add(PARTS[2])
    await cast.stop()
    check()
    together = { findings, incidents: await stage.incidents(), baselines: await stage.baselines() }
  })
  after(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true })
  })

  it('find what one process finds', () => assert.deepEqual(together.findings, alone.findings))

  it('raise the same incidents', () =>
    assert.deepEqual(incidentTexts(together.incidents), incidentTexts(alone.incidents)))

  it('learn the same baselines', () =>
    assert.deepEqual(together.baselines.map(withoutPlaces), alone.baselines.map(withoutPlaces)))
})
