import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { RedisConfig } from '../../domain/config/redis.ts'
import type { CheckpointStore } from '../../domain/ports.ts'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { without } from '../servers/availability.ts'
import { startRedis } from '../servers/redis.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import { checkpointStoreSuite } from './checkpoint-store.suite.ts'
import { addressOf, openRedis } from './redis-for-tests.ts'

const skip = without('redis')

/** The suite over one server, or several: `place` is known when they have started. */
function suiteOver(name: string, place: () => Partial<RedisConfig>): void {
  const configs = new WeakMap<CheckpointStore, Partial<RedisConfig>>()
  const storeIn = (config: Partial<RedisConfig>) => {
    const redis = openRedis(config)
    const store = redisCheckpoints(redis)
    configs.set(store, { ...config, namespace: redis.namespace })
    return store
  }
  const open = async () => storeIn(place())
  const again = async (store: CheckpointStore) => storeIn(configs.get(store)!)
  checkpointStoreSuite(name, open, again)

  const bigHead = 'x'.repeat(1_500_000)
  const manyPages = (count: number) =>
    new Map(Array.from({ length: count }, (_, page) => [`edges/${page}`, Buffer.alloc(400, page)] as const))

  test(`${name}: what needs many chunks is whole, also when the next one is smaller`, async () => {
    const store = await open()
    const { epoch } = await store.claim(0)
    const save = (sequence: number, head: string, count: number) =>
      store.save({ partition: 0, epoch, changed: { sequence, head, pages: manyPages(count) } })
    assert.equal(await save(1, bigHead, 5000), 'saved')
    assert.equal(await save(2, 'small', 7), 'saved')
    const { checkpoint } = await (await again(store)).claim(0)
    assert.deepEqual([checkpoint?.sequence, checkpoint?.head, checkpoint?.pages.size], [2, 'small', 5000])
    for (const [page, bytes] of manyPages(5000))
      assert.deepEqual(Buffer.from(checkpoint!.pages.get(page)!), bytes)
  })

  test(`${name}: keeps only what is in force`, async () => {
    const redis = openRedis(place())
    const store = redisCheckpoints(redis)
    const { epoch } = await store.claim(0)
    for (let sequence = 1; sequence < 6; sequence++)
      await store.save({ partition: 0, epoch, changed: { sequence, head: 'h', pages: manyPages(100) } })
    const key = `{${redis.namespace}:stream-0}:pages`
    assert.equal(await redis.command('hlen', key), 202)
    const other = redisCheckpoints(redis)
    const claim = await other.claim(0)
    await other.save({
      partition: 0,
      epoch: claim.epoch,
      changed: { sequence: 6, head: 'h', pages: new Map() },
    })
    assert.equal(await redis.command('hlen', key), 102)
  })
}

describe('checkpoints in one Redis', { skip }, () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  before(async () => {
    server = await startRedis()
  })
  after(() => server?.stop())
  suiteOver('redis', () => ({ address: addressOf(server) }))
})

describe('checkpoints in a cluster', { skip }, () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>
  before(async () => {
    cluster = await startRedisCluster()
  })
  after(() => cluster?.stop())
  suiteOver('redis cluster', () => ({ cluster: cluster.masters.map(addressOf) }))
})
