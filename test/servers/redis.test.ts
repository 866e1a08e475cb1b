import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import { Redis as Client, Cluster } from 'ioredis'
import { SELF_SIGNED } from '../io/self-signed.ts'
import { without } from './availability.ts'
import { accepts } from './ready.ts'
import { startRedis } from './redis.ts'
import { startRedisCluster } from './redis-cluster.ts'
import type { RedisNode } from './redis-node.ts'
import { startRedisSentinel } from './redis-sentinel.ts'

/** Nothing of these runs, and nothing that they wrote is left. */
async function assertGone(nodes: readonly RedisNode[]): Promise<void> {
  for (const node of nodes) {
    assert.throws(node.pid)
    await assert.rejects(accepts(node.port))
    assert.ok(!existsSync(dirname(node.log)))
  }
}

const addresses = (nodes: readonly RedisNode[]) => nodes.map(({ host, port }) => ({ host, port }))

describe('Redis', { skip: without('redis') }, () => {
  test('one server keeps its keys over a kill, and nothing after its end', async (t) => {
    const redis = await startRedis()
    const client = new Client(redis.url)
    t.after(() => client.disconnect())
    client.on('error', () => {})
    await client.set('letter', 'a')
    await redis.kill()
    await redis.start()
    assert.equal(await client.get('letter'), 'a')
    assert.deepEqual(await client.config('GET', 'maxmemory-policy'), ['maxmemory-policy', 'noeviction'])
    await redis.stop()
    await assertGone([redis])
  })

  test('one server with TLS, users and other settings', async (t) => {
    const settings = { user: 'reader on >secret ~mw:* +@read', 'maxmemory-policy': 'allkeys-lru' }
    const redis = await startRedis({ certificate: SELF_SIGNED, settings })
    const login = { username: 'reader', password: 'secret' }
    const plain = new Client(redis.url)
    const secure = new Client(redis.tlsUrl!, {
      ...login,
      tls: { ca: SELF_SIGNED.cert },
      enableReadyCheck: false,
    })
    t.after(() => {
      plain.disconnect()
      secure.disconnect()
      return redis.stop()
    })
    await plain.set('mw:letter', 'a')
    assert.equal(await secure.get('mw:letter'), 'a')
    await assert.rejects(secure.set('mw:letter', 'b'), /NOPERM/)
    await assert.rejects(secure.get('other'), /NOPERM/)
    assert.match(await plain.info('memory'), /maxmemory_policy:allkeys-lru/)
  })

  test('a master that dies is replaced by its replica, and clients find it', async (t) => {
    const { name, sentinels, master, replica, stop } = await startRedisSentinel()
    const client = new Client({ name, sentinels: addresses(sentinels) })
    t.after(() => client.disconnect())
    client.on('error', () => {})
    await client.set('letter', 'a')
    assert.equal(await client.wait(1, 5000), 1)
    await master.kill()
    assert.equal(await client.get('letter'), 'a')
    await client.set('letter', 'b')
    const direct = new Client(replica.port)
    assert.equal(await direct.get('letter'), 'b')
    direct.disconnect()
    await stop()
    await assertGone([master, replica, ...sentinels])
  })

  test('a cluster spreads keys over three masters, each with a replica', async (t) => {
    const { masters, replicas, stop } = await startRedisCluster({ replicas: 1 })
    const client = new Cluster(addresses(masters))
    t.after(() => client.disconnect())
    const letters = [...'abcdefghij']
    await Promise.all(letters.map((letter) => client.set(letter, letter)))
    assert.deepEqual(await Promise.all(letters.map((letter) => client.get(letter))), letters)
    const sizes = await Promise.all(client.nodes('master').map((node) => node.dbsize()))
    assert.equal(sizes.length, 3)
    assert.ok(sizes.every((size) => size > 0 && size < letters.length))
    for (const { port } of replicas) {
      const replica = new Client(port)
      t.after(() => replica.disconnect())
      assert.match(await replica.info('replication'), /role:slave[\s\S]*master_link_status:up/)
    }
    await stop()
    await assertGone([...masters, ...replicas])
  })
})
