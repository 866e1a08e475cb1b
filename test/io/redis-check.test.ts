import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { checkRedisServers } from '../../io/redis-check.ts'
import { without } from '../servers/availability.ts'
import { startRedis } from '../servers/redis.ts'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import { addressOf, openRedis } from './redis-for-tests.ts'

describe('the start-up check', { skip: without('redis') }, () => {
  const stops: (() => Promise<void>)[] = []
  after(() => Promise.all(stops.map((stop) => stop())))

  async function serverWith(settings: Readonly<Record<string, string>>) {
    const server = await startRedis({ settings })
    stops.push(server.stop)
    return server
  }

  test('finds nothing wrong with a server or a cluster made for state', async () => {
    const server = await serverWith({})
    assert.deepEqual(await checkRedisServers(openRedis({ address: addressOf(server) })), [])
    const cluster = await startRedisCluster()
    stops.push(cluster.stop)
    assert.deepEqual(await checkRedisServers(openRedis({ cluster: cluster.masters.map(addressOf) })), [])
  })

  test('names eviction and missing persistence, with what to set', async () => {
    const server = await serverWith({ 'maxmemory-policy': 'allkeys-lru', appendonly: 'no' })
    const redis = openRedis({ address: addressOf(server) })
    const problems = await checkRedisServers(redis)
    assert.deepEqual(
      problems.map(({ node, fix, isFatal }) => ({ node, fix, isFatal })),
      [
        {
          node: addressOf(server),
          fix: 'CONFIG SET maxmemory-policy noeviction (redis.conf: maxmemory-policy noeviction)',
          isFatal: true,
        },
        {
          node: addressOf(server),
          fix: 'CONFIG SET appendonly yes (redis.conf: appendonly yes)',
          isFatal: false,
        },
      ],
    )
    await redis.command('config', 'SET', 'maxmemory-policy', 'noeviction', 'save', '60 1')
    assert.deepEqual(await checkRedisServers(redis), [])
  })

  test('says what it cannot check, and that a user may not do enough', async () => {
    const rules = '>secret ~{of-ours:* +@read +@write +@scripting +@connection'
    const server = await serverWith({ user: `guest on ${rules} +info` })
    const environment = { REDIS_PASSWORD: 'secret' }
    const config = {
      address: addressOf(server),
      username: 'guest',
      password: { env: 'REDIS_PASSWORD' },
    }
    const allowed = await checkRedisServers(openRedis({ ...config, namespace: 'of-ours' }, [], environment))
    assert.deepEqual(
      allowed.map(({ problem, isFatal }) => [problem, isFatal]),
      [
        ['cannot check maxmemory-policy: config is forbidden', false],
        ['cannot check persistence: config is forbidden', false],
      ],
    )
    assert.match(allowed[0].fix, /ACL SETUSER <user> \+config\|get/)
    const [refused] = await checkRedisServers(openRedis({ ...config, namespace: 'theirs' }, [], environment))
    assert.equal(refused.isFatal, true)
    assert.match(refused.problem, /cannot write, read and run scripts .*(NOPERM|permission)/)
    assert.match(refused.fix, /~\{theirs:\*/)
  })

  for (const [what, settings, says] of [
    ['a password that is not configured', { requirepass: 'secret' }, /NOAUTH .*; add redis\.password/],
    ['a server that is full', { maxmemory: '1' }, /OOM .*; raise maxmemory/],
  ] as const)
    test(`does not take ${what} for missing rights`, async () => {
      const server = await serverWith(settings)
      await assert.rejects(checkRedisServers(openRedis({ address: addressOf(server) })), {
        code: 'redis-refused',
        message: says,
      })
    })
})
