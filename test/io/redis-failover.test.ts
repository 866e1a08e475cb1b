import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CheckpointStore } from '../../domain/ports.ts'
import type { Redis } from '../../io/redis.ts'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { claimIncidents } from '../../io/redis-incidents.ts'
import { isStoreFailure } from '../../io/store-failure.ts'
import { without } from '../servers/availability.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import { startRedisSentinel } from '../servers/redis-sentinel.ts'
import { incident } from './incident-store.suite.ts'
import { addressOf, openRedis } from './redis-for-tests.ts'

const PAGES = ['a', 'b', 'c', 'd', 'e', 'f']

/** One writer of a partition, which claims and goes on whenever it is fenced. */
class Writer {
  readonly #store: CheckpointStore
  readonly #partition: number
  #epoch = 0
  sequence = 0
  fenced = 0

  constructor(redis: Redis, partition: number) {
    this.#store = redisCheckpoints(redis)
    this.#partition = partition
  }

  async claim() {
    const { epoch, checkpoint } = await patiently(() => this.#store.claim(this.#partition))
    this.#epoch = epoch
    this.sequence = checkpoint?.sequence ?? 0
    const pages = [...(checkpoint?.pages.values() ?? [])].map((bytes) => Buffer.from(bytes).readUInt32LE())
    assert.deepEqual(pages, this.sequence === 0 ? [] : PAGES.map(() => this.sequence))
    assert.equal(checkpoint?.head, this.sequence === 0 ? undefined : `head ${this.sequence}`)
  }

  async save(pageBytes: number) {
    const sequence = this.sequence + 1
    const bytes = Buffer.alloc(pageBytes)
    bytes.writeUInt32LE(sequence)
    const pages = new Map(PAGES.map((key) => [key, bytes]))
    const changed = { sequence, head: `head ${sequence}`, pages }
    const change = { partition: this.#partition, epoch: this.#epoch, changed }
    if ((await patiently(() => this.#store.save(change))) === 'saved') this.sequence = sequence
    else {
      this.fenced++
      await this.claim()
    }
  }
}

/** Repeats what failed because of the store, like the loop that waits for one. */
async function patiently<Result>(write: () => Promise<Result>): Promise<Result> {
  for (const deadline = performance.now() + 60_000; ; await sleep(50)) {
    try {
      return await write()
    } catch (error) {
      if (!isStoreFailure(error) || performance.now() > deadline) throw error
    }
  }
}

describe('Redis watched by Sentinels', { skip: without('redis') }, () => {
  let servers: Awaited<ReturnType<typeof startRedisSentinel>>
  before(async () => {
    servers = await startRedisSentinel()
  })
  after(() => servers?.stop())

  test('what a killed master did not replicate is fenced, and writes go on at the new one', async () => {
    const { name, sentinels, master, replica } = servers
    const sentinel = { name, addresses: sentinels.map(addressOf) }
    const redis = openRedis({ sentinel, commandTimeoutMs: 1000 })
    const incidents = await claimIncidents(redis, 0)
    const one = incident('a')
    const writer = new Writer(redis, 0)
    await writer.claim()
    for (let i = 0; i < 20; i++) await writer.save(1000)
    await redis.command('wait', 1, 5000)
    replica.freeze()
    for (let i = 0; i < 3; i++) await writer.save(4_000_000)
    const change = { incidents: [one], findings: [], deliveries: [], superseded: [], nextFinding: 9 }
    await incidents.apply(change, new Map())
    assert.equal(writer.sequence, 23)
    await master.kill()
    replica.thaw()
    await writer.save(1000)
    assert.equal(writer.fenced, 1)
    assert.equal(writer.sequence, 20)
    await assert.rejects(
      patiently(() => incidents.apply({ ...change, nextFinding: 10 }, new Map())),
      { code: 'fenced' },
    )
    const again = await claimIncidents(redis, 0)
    assert.equal(await again.nextFinding(), undefined)
    await again.apply(change, new Map([[one.id, 0]]))
    await master.start()
    for (let i = 0; i < 20; i++) await writer.save(1000)
    assert.equal(writer.sequence, 40)
    await writer.claim()
    assert.equal(writer.sequence, 40)
  })
})

describe('a Redis cluster with replicas', { skip: without('redis') }, () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>
  before(async () => {
    cluster = await startRedisCluster({ replicas: 1 })
  })
  after(() => cluster?.stop())

  test('partitions of a killed master go on at its replica, the others undisturbed', async () => {
    const redis = openRedis({ cluster: cluster.masters.map(addressOf), commandTimeoutMs: 1000 })
    const writers = Array.from({ length: 8 }, (_, partition) => new Writer(redis, partition))
    const all = (step: (writer: Writer) => Promise<void>) => Promise.all(writers.map(step))
    await all((writer) => writer.claim())
    await all((writer) => writer.save(1000))
    const [killed] = cluster.masters
    const killing = sleep(50).then(() => killed.kill())
    await all(async (writer) => {
      while (writer.sequence < 100) await writer.save(50_000)
    })
    await killing
    await all((writer) => writer.claim())
    assert.deepEqual([...new Set(writers.map(({ sequence }) => sequence))], [100])
    const now = (await redis.atEachMaster('ping')).map(({ node }) => node)
    assert.equal(now.length, 3)
    assert.ok(!now.includes(addressOf(killed)), `${now}`)
  })
})
