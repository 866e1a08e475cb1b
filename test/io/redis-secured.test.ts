import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisConfig } from '../../domain/config/redis.ts'
import type { CheckpointStore } from '../../domain/ports.ts'
import { checkRedisServers } from '../../io/redis-check.ts'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { claimIncidents } from '../../io/redis-incidents.ts'
import { claimNamespace } from '../../io/redis-namespace.ts'
import { without } from '../servers/availability.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import type { RedisSecurity } from '../servers/redis-secured.ts'
import { startRedisSentinel } from '../servers/redis-sentinel.ts'
import { checkpointStoreSuite } from './checkpoint-store.suite.ts'
import { checkIncidentStore } from './incident-store.suite.ts'
import { openRedis } from './redis-for-tests.ts'
import { SELF_SIGNED } from './self-signed.ts'

/** Rights as `docs/operations.md` gives them, with the namespaces of tests. */
const SECURITY: RedisSecurity = {
  certificate: SELF_SIGNED,
  users: {
    meshwatch: '>secret ~{t-* +@read +@write +@scripting +@connection +info +cluster +config|get',
  },
  sentinelUsers: {
    looker:
      '>look -@all +@connection +sentinel|get-master-addr-by-name +sentinel|sentinels +subscribe &+switch-master',
  },
}

const ENVIRONMENT = { DATA: 'secret', SENTINEL: 'look', WRONG: 'wrong' }

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-redis-secured-'))
const caFile = join(folder, 'ca.pem')
writeFileSync(caFile, SELF_SIGNED.cert)
after(() => rmSync(folder, { recursive: true }))

const LOGIN = { username: 'meshwatch', password: { env: 'DATA' }, tls: { caFile } }

const local = (ports: readonly number[]) => ports.map((port) => `127.0.0.1:${port}`)

/** What a person is told of certificates. */
interface Refusals {
  readonly name: RegExp
  readonly authority: RegExp
}

/** What is tried at both: `place` is known when they have started. */
function worksAt(name: string, refusals: Refusals, place: () => Partial<RedisConfig>): void {
  const open = (changed: Partial<RedisConfig> = {}) =>
    openRedis({ ...LOGIN, ...place(), ...changed }, [], ENVIRONMENT)
  const namespaces = new WeakMap<CheckpointStore, string>()
  const storeIn = (changed: Partial<RedisConfig>) => {
    const redis = open(changed)
    const store = redisCheckpoints(redis)
    namespaces.set(store, redis.namespace)
    return store
  }
  checkpointStoreSuite(
    name,
    async () => storeIn({}),
    async (store) => storeIn({ namespace: namespaces.get(store)! }),
  )
  checkIncidentStore(name, () => claimIncidents(open(), 1))

  test(`${name}: nothing is to be complained of, and a namespace can be claimed`, async () => {
    const redis = open()
    assert.deepEqual(await checkRedisServers(redis), [])
    assert.equal(await claimNamespace(redis, { group: 'g', keyFingerprint: 'f', partitions: 1 }), 'new')
  })

  test(`${name}: a name that the certificate has is enough`, async () => {
    const redis = open({ tls: { caFile, serverName: 'localhost' } })
    assert.equal(await redis.command('set', `{${redis.namespace}:a}`, '1'), 'OK')
  })

  for (const [what, changed, message] of [
    ['another name', { tls: { caFile, serverName: 'redis.example.com' } }, refusals.name],
    ['an authority that is not known', { tls: {} }, refusals.authority],
    ['a client without TLS', { tls: undefined }, /cannot reach redis at .*(closed|RESET)/],
    ['a wrong password', { password: { env: 'WRONG' } }, /WRONGPASS .*; check redis.username/],
    [
      'a client without a name',
      { username: undefined, password: undefined },
      /NOPERM .*; grant the ACL user/,
    ],
  ] as const)
    test(`${name}: refuses ${what}, and says so`, async () => {
      const redis = open({ ...changed, commandTimeoutMs: 1000 })
      await assert.rejects(redis.command('get', `{${redis.namespace}:a}`), { message })
    })
}

describe('Redis behind Sentinels, with TLS and users', { skip: without('redis') }, () => {
  let servers: Awaited<ReturnType<typeof startRedisSentinel>>
  before(async () => {
    servers = await startRedisSentinel(SECURITY)
  })
  after(() => servers?.stop())
  const sentinel = (changed = {}) => ({
    name: servers.name,
    addresses: local(servers.sentinelTlsPorts),
    username: 'looker',
    password: { env: 'SENTINEL' },
    ...changed,
  })
  const refusals = { name: /does not match certificate's altnames/, authority: /self-signed certificate/ }
  worksAt('sentinel', refusals, () => ({ sentinel: sentinel() }))

  test('sentinels refuse a wrong password of their own', async () => {
    const config = { ...LOGIN, sentinel: sentinel({ password: { env: 'WRONG' } }), commandTimeoutMs: 1000 }
    const redis = openRedis(config, [], ENVIRONMENT)
    await assert.rejects(redis.command('get', 'a'), { message: /no Sentinel names the master: WRONGPASS/ })
  })

  test('a Sentinel that is away is no matter, and nothing is written of it by the library', async (t) => {
    const written = t.mock.method(console, 'error', () => {})
    await servers.sentinels[0].kill()
    const redis = openRedis({ ...LOGIN, sentinel: sentinel() }, [], ENVIRONMENT)
    for (let i = 0; i < 20; i++) {
      await redis.command('set', `{${redis.namespace}:a}`, i)
      await sleep(20)
    }
    await servers.sentinels[0].start()
    assert.deepEqual(written.mock.calls, [])
  })

  test('the replica that takes over is found, and is spoken to by TLS as well', async () => {
    const redis = openRedis({ ...LOGIN, sentinel: sentinel(), commandTimeoutMs: 15_000 }, [], ENVIRONMENT)
    const store = redisCheckpoints(redis)
    const { epoch } = await store.claim(0)
    const save = (sequence: number) =>
      store.save({ partition: 0, epoch, changed: { sequence, head: 'h', pages: new Map() } })
    assert.equal(await save(1), 'saved')
    await redis.command('wait', '1', '5000').catch(() => {})
    await servers.master.kill()
    assert.equal(await save(2), 'saved')
    const { checkpoint } = await redisCheckpoints(redis).claim(0)
    assert.equal(checkpoint?.sequence, 2)
  })
})

describe('a Redis cluster with TLS and users', { skip: without('redis') }, () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>
  before(async () => {
    cluster = await startRedisCluster({ security: SECURITY })
  })
  after(() => cluster?.stop())
  const closed = /closed at once: is TLS on at both ends, for that name and authority/
  worksAt('cluster', { name: closed, authority: closed }, () => ({ cluster: local(cluster.tlsPorts) }))

  test('nodes that are learned from one are spoken to by TLS, with the same login', async () => {
    const redis = openRedis({ ...LOGIN, cluster: local(cluster.tlsPorts.slice(0, 1)) }, [], ENVIRONMENT)
    const stores = Array.from({ length: 12 }, (_, partition) => ({
      partition,
      store: redisCheckpoints(redis),
    }))
    for (const { partition, store } of stores) assert.equal((await store.claim(partition)).epoch, 1)
    const nodes = await redis.atEachMaster('ping')
    assert.deepEqual(nodes.map(({ node }) => node).sort(), local(cluster.tlsPorts).slice().sort())
  })
})
