import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { placeIn } from '../../analyzer/engine/checkpoint.ts'
import type { Config } from '../../domain/config/schema.ts'
import { Redis } from '../../io/redis.ts'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { startReceiver } from '../faults/receiver.ts'
import { eventually } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { freePorts } from '../servers/free-ports.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { type Cast, type Member, openCast } from './cast.ts'
import { linesIntoTopic } from './lines-into-topic.ts'
import { revokedUse } from './revoked-use.ts'

const PARTITIONS = 2

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-roles-api-'))
after(() => rmSync(folder, { recursive: true }))

/** Address of the API that a role has opened. */
async function apiOf(member: Member): Promise<string> {
  return eventually(() => {
    member.check()
    return /"api":"([^"]+)"/.exec(member.said())?.[1]
  })
}

async function answerOf(url: string, init?: RequestInit) {
  const response = await fetch(url, init)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('the API of an alerter', { skip: without('kafka', 'redis') }, () => {
  const closing: (() => Promise<unknown>)[] = []
  let cast: Cast
  let api: string
  let collector: Member

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
    await linesIntoTopic(cast.config.kafka!, topic, revokedUse(Date.now()))
    const members = (['collector', 'analyzer', 'alerter'] as const).map((role) => cast.start(role))
    collector = members[0]
    api = await apiOf(members[2])
    await eventually(() => pager.received[0])
  })
  after(async () => {
    for (const close of closing) await close()
  })

  it('shows the incidents of all partitions', async () => {
    const { status, body } = await answerOf(`${api}/v1/incidents`)
    assert.equal(status, 200)
    const [incident] = body['incidents'] as Record<string, unknown>[]
    assert.deepEqual([incident['state'], incident['severity']], ['open', 'critical'])
  })

  it('leaves what can be seen to the collectors, which read it', async () => {
    const { status, body } = await answerOf(`${await apiOf(collector)}/v1/coverage`)
    assert.equal(status, 200)
    const sources = body['sources'] as { source: string; records: number }[]
    assert.deepEqual(
      sources.filter(({ records }) => records > 0).map(({ source }) => source),
      ['mesh/0'],
    )
    assert.equal((await answerOf(`${api}/v1/coverage`)).status, 404)
  })

  it('is ready, like every role', async () => {
    for (const member of cast.members) {
      const ready = await eventually(async () => {
        const answer = await answerOf(`${await apiOf(member)}/readyz`)
        return answer.status === 200 ? answer : undefined
      })
      assert.equal(ready.status, 200, member.role)
    }
  })

  it('takes a change, and tells every analyzer what a person expects', async () => {
    const { body } = await answerOf(`${api}/v1/incidents`)
    const [{ id }] = body['incidents'] as { id: string }[]
    const headers = { 'content-type': 'application/json', 'if-match': '*' }
    const acknowledged = await answerOf(`${api}/v1/incidents/${id}/acknowledge`, {
      method: 'POST',
      headers,
      body: '{}',
    })
    assert.equal(acknowledged.body['state'], 'acknowledged')
    const expected = await answerOf(`${api}/v1/incidents/${id}/expected`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ reason: 'a drill' }),
    })
    assert.deepEqual([expected.status, expected.body['state']], [200, 'resolved'])
    const known = await eventually(async () => {
      // Looking takes the partitions away from their analyzer, which needs a while to have them again.
      await sleep(2000)
      const heads = await storedHeads(cast.config)
      return heads.every((head) => head.includes('"expected":[["web"')) ? heads.length : undefined
    })
    assert.equal(known, PARTITIONS)
  })
})

/** Heads of the checkpoints; taking them claims the partitions, which the analyzer then claims again. */
async function storedHeads(config: Config): Promise<readonly string[]> {
  const redis = new Redis({ config: config.redis!, log: () => {} })
  const store = redisCheckpoints(redis)
  const claims = await Promise.all(Array.from({ length: PARTITIONS }, (_, at) => store.claim(at)))
  redis.close()
  for (const { checkpoint } of claims) if (checkpoint !== undefined) assert.ok(placeIn(checkpoint))
  return claims.map(({ checkpoint }) => checkpoint?.head ?? '')
}

describe('a role without its servers', () => {
  it('lives, says why it cannot work, and ends in order', async () => {
    const [kafka, redis] = await freePorts(2)
    const cast = await openCast({
      folder: join(folder, 'alone'),
      bootstrap: [`127.0.0.1:${kafka}`],
      prefix: 'alone.',
      redis: `127.0.0.1:${redis}`,
      webhook: 'http://127.0.0.1:9/',
      partitions: 1,
      sources: [{ name: 'mesh', topic: 'access' }],
      hasApi: true,
    })
    const members = (['collector', 'analyzer', 'alerter'] as const).map((role) => cast.start(role))
    try {
      for (const member of members) {
        const url = `${await apiOf(member)}/readyz`
        const reasons = await eventually(async () => {
          const { status, body } = await answerOf(url)
          const text = JSON.stringify(body)
          return status === 503 && text.includes('kafka-unreachable') ? text : undefined
        })
        assert.match(reasons, new RegExp(`127.0.0.1:${kafka}`))
        member.check()
      }
    } finally {
      await cast.stop()
    }
    for (const member of members) member.check()
  })
})
