import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setInterval as every } from 'node:timers/promises'
import type { IncidentChange, IncidentStore } from '../../domain/ports.ts'
import { Redis, type RedisScript, type ScriptCall } from '../../io/redis.ts'
import { claimIncidents, redisIncidents } from '../../io/redis-incidents.ts'
import { isStoreFailure } from '../../io/store-failure.ts'
import { worldError } from '../../io/world-error.ts'
import { START } from '../alerter/sample.ts'
import { without } from '../servers/availability.ts'
import { startRedis } from '../servers/redis.ts'
import { delivery, incident } from './incident-store.suite.ts'
import { addressOf, openRedis, openRedisAs } from './redis-for-tests.ts'

/** Sends every script twice, as after a connection that broke before the answer, and may lose the answer. */
class TwiceRedis extends Redis {
  isDeaf = false
  override async run(script: RedisScript, call: ScriptCall): Promise<unknown> {
    await super.run(script, call)
    const answer = await super.run(script, call)
    if (this.isDeaf) throw worldError('redis-unreachable', 'no answer')
    return answer
  }
}

const change = (changed: Partial<IncidentChange>): IncidentChange => ({
  incidents: [],
  findings: [],
  deliveries: [],
  superseded: [],
  ...changed,
})

const one = incident('a')
const revision = (number: number) =>
  change({ incidents: [{ ...one, revision: number }], nextFinding: number })
const over = (number: number) => new Map([[one.id, number]])

describe('incidents in Redis, when things go wrong', { skip: without('redis') }, () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  before(async () => {
    server = await startRedis()
  })
  after(() => server?.stop())
  const place = () => ({ address: addressOf(server) })

  test('every script may arrive twice', async () => {
    const store = await claimIncidents(openRedisAs(TwiceRedis, place()), 0)
    const seen = [{ id: 'f', group: 'g', time: START }]
    const opened = change({ incidents: [one], deliveries: [delivery(one)], findings: seen, nextFinding: 5 })
    assert.equal(await store.apply(opened, over(0)), 'applied')
    assert.equal(await store.apply(revision(2), over(1)), 'applied')
    assert.equal(await store.apply(revision(2), over(1)), 'conflict')
    const [owed] = await store.due('pager', START, 9)
    await store.settle({ ...owed, state: 'delivered', attempts: 1 })
    assert.equal((await store.get(one.id))?.revision, 2)
    assert.deepEqual(
      (await store.deliveries(one.id)).map(({ state, attempts }) => [state, attempts]),
      [['delivered', 1]],
    )
    assert.deepEqual(await store.counts(), [{ state: 'open', severity: 'medium', count: 1 }])
    const about = { decision: 'expected', author: 'x', reason: 'y', time: 1, expiresAt: 2 } as const
    const decisions = ['a', 'b', 'a'].map((caller) => ({ ...about, caller }))
    const numbers: number[] = []
    for (const decision of decisions) numbers.push(await store.decide(decision))
    assert.deepEqual(numbers, [1, 2, 3])
    assert.deepEqual(
      (await store.decisionsFrom(0, 9)).map(({ decision }) => decision),
      decisions,
    )
  })

  test('connections that break every 15 ms double nothing and refuse nobody', async () => {
    const store = await claimIncidents(openRedis(place()), 0)
    const killer = openRedis(place())
    const stop = new AbortController()
    let killed = 0
    const killing = (async () => {
      for await (const _ of every(15, undefined, { signal: stop.signal }))
        killed += Number(await killer.command('client', 'KILL', 'TYPE', 'normal'))
    })().catch((error) => assert.equal(error.name, 'AbortError'))
    let number = 1
    for (; number <= 400 || killed <= 20; number++)
      assert.equal(await store.apply(revision(number), over(number - 1)), 'applied')
    stop.abort()
    await killing
    assert.equal((await store.get(one.id))?.revision, number - 1)
    assert.equal(await store.nextFinding(), number - 1)
  })

  test('an alerter whose partition was claimed can write nothing, and an API still can', async () => {
    const redis = openRedis(place())
    const first = await claimIncidents(redis, 0)
    await first.apply(change({ incidents: [one], deliveries: [delivery(one)], nextFinding: 5 }), over(0))
    const second = await claimIncidents(redis, 0)
    const writes: ((store: IncidentStore) => Promise<unknown>)[] = [
      (store) => store.apply(revision(2), over(1)),
      (store) => store.settle({ ...delivery(one), state: 'failed' }),
      (store) => store.hasten('pager', START - 1),
      (store) => store.keepEndpoints([]),
      (store) => store.disableEndpoint('pager', START),
      (store) => store.forgetWaiting(START),
    ]
    for (const write of writes) {
      const refused = await write(first).catch((error: Error) => error)
      assert.equal((refused as { code?: string }).code, 'fenced')
      assert.equal(isStoreFailure(refused), false)
    }
    assert.deepEqual(await second.due('pager', START, 9), [delivery(one)])
    assert.equal(await second.nextFinding(), 5)
    const noted = change({ incidents: [{ ...one, revision: 2 }] })
    assert.equal(await redisIncidents(redis, 0).apply(noted, over(1)), 'applied')
    for (const write of writes) await write(second)
  })

  test('partitions know nothing of each other', async () => {
    const redis = openRedis(place())
    const stores = await Promise.all([0, 1].map((partition) => claimIncidents(redis, partition)))
    await stores[0].apply(revision(1), over(0))
    assert.equal(await stores[1].get(one.id), undefined)
    assert.equal(await stores[1].nextFinding(), undefined)
    assert.equal(await stores[1].apply(revision(1), over(0)), 'applied')
  })

  test('a store that was rolled back refuses to go on from what it no longer has', async () => {
    const redis = openRedis(place())
    const store = await claimIncidents(redis, 0)
    await store.apply(revision(1), over(0))
    const meta = `{${redis.namespace}:alerts-0}:meta`
    await redis.command('copy', meta, `${meta}-then`)
    await store.apply(revision(2), over(1))
    await redis.command('copy', `${meta}-then`, meta, 'REPLACE')
    await assert.rejects(store.apply(change({ nextFinding: 3 }), new Map()), { code: 'fenced' })
    assert.equal(await (await claimIncidents(redis, 0)).nextFinding(), 1)
    await redis.command('del', meta)
    await assert.rejects(store.apply(change({ nextFinding: 3 }), new Map()), { code: 'fenced' })
  })

  test('a write whose answer was lost does not fence its writer', async () => {
    const redis = openRedisAs(TwiceRedis, place())
    const store = await claimIncidents(redis, 0)
    redis.isDeaf = true
    await assert.rejects(store.apply(revision(1), over(0)), { code: 'redis-unreachable' })
    redis.isDeaf = false
    assert.equal(await store.apply(revision(1), over(0)), 'conflict')
    assert.equal(await store.apply(revision(2), over(1)), 'applied')
    assert.equal(await store.nextFinding(), 2)
  })
})
