import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RoleName } from '../../cli/roles/role.ts'
import { type Receiver, startReceiver } from '../faults/receiver.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { type Cast, type Member, openCast } from './cast.ts'
import { embeddedVerdict, type Verdict } from './embedded.ts'
import { linesOf } from './lines.ts'
import { incidentTexts, withoutPlaces } from './play.ts'
import { openStage, type Stage } from './stage.ts'

const PARTITIONS = 3
const HALF_DAYS = 20
const PATIENCE_MS = 120_000

/** Processes that stand still, one after the other, with something in their hands, and what that is. */
const ZOMBIES = {
  publishing: { role: 'collector', place: 'before append stream', count: 5 },
  finding: { role: 'analyzer', place: 'before append findings', count: 1 },
  storing: { role: 'analyzer', place: 'before save', count: 6 },
  taking: { role: 'alerter', place: 'before apply', count: 1 },
  paging: { role: 'alerter', place: 'before send', count: 1 },
} as const

type Zombie = keyof typeof ZOMBIES

const FENCED = /another process has the partition/

/**
 * Each stands still while all partitions of its kind are its own, for longer than a session; another of its kind takes
 * them over and goes on. Then all go on where they stood.
 */
describe('processes that stood still while others took over', { skip: without('kafka', 'redis') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-zombie-'))
  const closing: (() => Promise<unknown>)[] = []
  const scenario = linesOf(3, { halfDays: HALF_DAYS, partitions: PARTITIONS })
  const zombies = new Map<Zombie, Member>()
  let alone: Verdict
  let together: Verdict
  let pager: Receiver
  let cast: Cast
  let stage: Stage

  const check = () => {
    for (const member of cast.members) member.check()
  }

  async function until(member: Member, what: RegExp, times = 1): Promise<void> {
    const global = new RegExp(what, 'g')
    for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(20)) {
      if ([...member.said().matchAll(global)].length >= times) return
      check()
      assert.ok(performance.now() < deadline, `the ${member.role} never said ${what}: ${member.said()}`)
    }
  }

  async function untilStill(name: Zombie): Promise<void> {
    const { role, place, count } = ZOMBIES[name]
    const member = cast.start(role, [[place, count, 'SIGSTOP']])
    zombies.set(name, member)
    await until(member, /stands still/)
  }

  async function untilTaken(role: RoleName, partitions: number): Promise<Member> {
    const member = cast.start(role)
    await until(member, /has a partition/, partitions)
    return member
  }

  before(async () => {
    alone = await embeddedVerdict(join(folder, 'alone'), PARTITIONS, scenario)
    assert.ok(alone.findings.length > 0)
    const [kafka, redis] = await Promise.all([kafkaForTests(), startRedis()])
    pager = await startReceiver()
    closing.push(kafka.stop, redis.stop, pager.close)
    const { bootstrap, prefix } = kafka
    const address = redis.url.replace('redis://', '')
    const topic = `${prefix}access`
    const sources = [{ name: 'mesh', topic }]
    const servers = { bootstrap, prefix, sources, redis: address, webhook: pager.url }
    cast = await openCast({ folder: join(folder, 'cast'), ...servers, partitions: PARTITIONS })
    closing.unshift(cast.stop)
    stage = await openStage(cast.config)
    closing.unshift(stage.close)
    await stage.fill(scenario, () => topic)
    together = await playZombies()
  })
  after(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true })
  })

  async function playZombies(): Promise<Verdict> {
    await untilStill('publishing')
    cast.start('collector')
    await untilStill('finding')
    await untilStill('storing')
    const analyzer = await untilTaken('analyzer', PARTITIONS)
    await until(analyzer, /found/)
    for (const name of ['publishing', 'finding', 'storing'] as const) zombies.get(name)!.thaw()
    await until(zombies.get('storing')!, FENCED)
    await untilStill('taking')
    await untilStill('paging')
    await untilTaken('alerter', cast.config.kafka!.partitions.findings)
    for (const name of ['taking', 'paging'] as const) zombies.get(name)!.thaw()
    await until(zombies.get('taking')!, FENCED)
    const findings = await stage.judged(scenario.end, check)
    await cast.stop()
    check()
    return { findings, incidents: await stage.incidents(), baselines: await stage.baselines() }
  }

  it('add no finding', () => assert.deepEqual(together.findings, alone.findings))

  it('change no incident', () =>
    assert.deepEqual(incidentTexts(together.incidents), incidentTexts(alone.incidents)))

  it('double nothing in the baselines', () =>
    assert.deepEqual(together.baselines.map(withoutPlaces), alone.baselines.map(withoutPlaces)))

  it('take nothing for lost that others have stored', () => {
    for (const member of cast.members) assert.doesNotMatch(member.said(), /gone from Redis/)
  })

  it('tell nobody anything else under the same id', () => {
    const bodies = new Map<string, string>()
    for (const { id, body } of pager.received) {
      assert.equal(bodies.get(id) ?? body, body)
      bodies.set(id, body)
    }
    assert.ok(bodies.size > 0)
  })
})
