import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from '../../io/redis.ts'
import { partitionKey } from '../../io/redis-namespace.ts'
import { startReceiver } from '../faults/receiver.ts'
import { addressOf } from '../io/redis-for-tests.ts'
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
const HALF_DAYS = 12
const HOUR_MS = 3_600_000
const PATIENCE_MS = 120_000
/** One source, so that lines that come later are late in no other. */
const SCENARIO = linesOf(4, { halfDays: HALF_DAYS, partitions: 1 })

/** Half days. The analyzers come to the end of each part before the next is there; the second one they judge twice. */
const PARTS = [
  { from: 0, to: 5 },
  { from: 5, to: 9 },
  { from: 9, to: Number.POSITIVE_INFINITY },
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

interface Servers {
  readonly stage: Stage
  readonly redis: Redis
  readonly cast: Cast
}

/** What happens to the store while all go on, and what analyzers say of it. */
const ACCIDENTS = [
  {
    what: 'is put back to an older state',
    prepare: (redis: Redis) => copy(redis, '', '-before'),
    happen: (redis: Redis) => copy(redis, '-before', ''),
    said: /store was rolled back"/g,
  },
  {
    what: 'is emptied',
    prepare: async () => {},
    happen: (redis: Redis) => redis.command('flushall'),
    said: /state of a partition is gone from Redis: it is learned anew/g,
  },
]

/** Copies what is stored of the stream partitions, each at once. */
async function copy(redis: Redis, from: string, to: string): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const key = partitionKey(redis, 'stream', partition)
    const keys = ['meta', 'pages'].flatMap((name) => [`${key}:${name}${from}`, `${key}:${name}${to}`])
    await redis.run(COPY, { keys, values: [] })
  }
}

async function until(member: Member, what: RegExp, times: number): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(20)) {
    if ([...member.said().matchAll(what)].length >= times) return
    member.check()
    assert.ok(performance.now() < deadline, `the ${member.role} never said ${what}: ${member.said()}`)
  }
}

async function playWith(
  { prepare, happen, said }: (typeof ACCIDENTS)[number],
  { cast, stage, redis }: Servers,
  topic: string,
): Promise<Verdict> {
  const check = () => {
    for (const member of cast.members) member.check()
  }
  const add = async ({ from, to }: (typeof PARTS)[number]): Promise<readonly string[]> => {
    const lines = linesBetween(from, to)
    await stage.fill({ ...oneLog([]), lines: () => lines }, () => topic)
    const last = Math.max(...lines.map(timeOf))
    return stage.judged(Number.isFinite(to) ? last - HOUR_MS : SCENARIO.end, check)
  }
  const [analyzer] = (['analyzer', 'collector', 'alerter'] as const).map((role) => cast.start(role))
  await add(PARTS[0])
  await prepare(redis)
  await add(PARTS[1])
  await happen(redis)
  await until(analyzer, said, PARTITIONS)
  const findings = await add(PARTS[2])
  await cast.stop()
  check()
  return { findings, incidents: await stage.incidents(), baselines: await stage.baselines() }
}

/** By then, hours of what the partitions told each other are forgotten. */
describe('roles whose store', { skip: without('kafka', 'redis') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-rolled-back-'))
  let alone: Verdict

  before(async () => {
    alone = await embeddedVerdict(join(folder, 'alone'), PARTITIONS, SCENARIO)
    assert.ok(alone.findings.length > 0)
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const [number, accident] of ACCIDENTS.entries())
    describe(accident.what, () => {
      const closing: (() => Promise<unknown>)[] = []
      let together: Verdict

      before(async () => {
        const [kafka, server, pager] = await Promise.all([kafkaForTests(), startRedis(), startReceiver()])
        closing.push(kafka.stop, server.stop, pager.close)
        const prefix = `${kafka.prefix}${number}.`
        const topic = `${prefix}access`
        const cast = await openCast({
          folder: join(folder, String(number)),
          bootstrap: kafka.bootstrap,
          prefix,
          sources: [{ name: 'mesh', topic }],
          redis: addressOf(server),
          webhook: pager.url,
          partitions: PARTITIONS,
        })
        const redis = new Redis({ config: cast.config.redis!, log: () => {} })
        closing.unshift(cast.stop, async () => redis.close())
        const stage = await openStage(cast.config)
        closing.unshift(stage.close)
        together = await playWith(accident, { cast, stage, redis }, topic)
      })
      after(async () => {
        for (const close of closing) await close()
      })

      it('find what one process finds', () => assert.deepEqual(together.findings, alone.findings))

      it('raise the same incidents', () =>
        assert.deepEqual(incidentTexts(together.incidents), incidentTexts(alone.incidents)))

      it('learn the same baselines', () =>
        assert.deepEqual(together.baselines.map(withoutPlaces), alone.baselines.map(withoutPlaces)))
    })
})
