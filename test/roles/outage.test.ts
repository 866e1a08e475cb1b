import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { NotReady } from '../../io/http-probes.ts'
import { type Receiver, startReceiver } from '../faults/receiver.ts'
import { eventually } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { type Kafka, startKafka } from '../servers/kafka.ts'
import { type Redis, startRedis } from '../servers/redis.ts'
import { type Cast, type Member, openCast } from './cast.ts'
import { linesIntoTopic } from './lines-into-topic.ts'
import { revokedUse } from './revoked-use.ts'

const ROLES = ['collector', 'analyzer', 'alerter'] as const

describe('roles whose servers are away', { skip: without('kafka', 'redis') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-outage-'))
  const closing: (() => Promise<unknown>)[] = []
  let kafka: Kafka
  let redis: Redis
  let pager: Receiver
  let cast: Cast
  let members: readonly Member[]
  before(async () => {
    ;[kafka, redis, pager] = await Promise.all([startKafka(), startRedis(), startReceiver()])
    closing.push(kafka.stop, redis.stop, pager.close)
    const address = redis.url.replace('redis://', '')
    const sources = [{ name: 'mesh', topic: 'access' }]
    const servers = { bootstrap: kafka.bootstrap, prefix: 'own.', redis: address, webhook: pager.url }
    cast = await openCast({ ...servers, folder, partitions: 2, sources, hasApi: true })
    closing.unshift(cast.stop)
    await linesIntoTopic(cast.config.kafka!, 'access', [])
    members = ROLES.map((role) => cast.start(role))
    await untilReady()
  })
  after(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true })
  })

  async function reasonsOf(member: Member): Promise<readonly NotReady[] | undefined> {
    member.check()
    const api = /"api":"([^"]+)"/.exec(member.said())?.[1]
    if (api === undefined) return undefined
    const response = await fetch(`${api}/readyz`)
    return ((await response.json()) as { readonly reasons: readonly NotReady[] }).reasons
  }
  const untilReady = () =>
    eventually(async () => {
      const all = await Promise.all(members.map(reasonsOf))
      return all.every((reasons) => reasons?.length === 0)
    })
  const untilUnready = (roles: readonly Member[], reason: string) =>
    eventually(async () => {
      const all = await Promise.all(roles.map(reasonsOf))
      return all.every((reasons) => reasons?.some((it) => it.reason === reason))
    })

  it('wait for the brokers, say so, and go on', async () => {
    await kafka.brokers[0].kill()
    await untilUnready(members, 'kafka-unreachable')
    // Longer than kafkajs itself tries: the collector has no partitions any more, and cannot ask which there are.
    const [collector] = members
    await eventually(async () => {
      const reasons = (await reasonsOf(collector)) ?? []
      return reasons.filter(({ reason }) => reason === 'kafka-unreachable').length === 2
    })
    await kafka.brokers[0].start()
    await untilReady()
  })

  it('wait for Redis, say so, and lose nothing of what comes meanwhile', async () => {
    await redis.kill()
    await linesIntoTopic(cast.config.kafka!, 'access', revokedUse(Date.now()))
    await untilUnready([members[1]], 'store-unwritable')
    await redis.start()
    const page = await eventually(() => pager.received[0])
    assert.match(page.body, /incident\.opened/)
    await untilReady()
  })
})
