import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { claimIncidents } from '../../io/redis-incidents.ts'
import { claimNamespace } from '../../io/redis-namespace.ts'
import { isStoreFailure } from '../../io/store-failure.ts'
import { without } from '../servers/availability.ts'
import { freePorts } from '../servers/free-ports.ts'
import { type RedisOptions, startRedis } from '../servers/redis.ts'
import { redisNode } from '../servers/redis-node.ts'
import { delivery, incident } from './incident-store.suite.ts'
import { addressOf, openRedis } from './redis-for-tests.ts'
import { SELF_SIGNED } from './self-signed.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-redis-'))
const stops: (() => Promise<void>)[] = []

async function server(options: RedisOptions = {}) {
  const started = await startRedis(options)
  stops.push(started.stop)
  return started
}

/** Code of the error that a promise rejects with, and whether the work should be tried again. */
async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => assert.fail('did not reject'),
    (reason: Error & { code?: string }) => reason,
  )
  const shown = inspect(error, { depth: 9 })
  return { code: error.code, passes: isStoreFailure(error), message: error.message, shown }
}

describe('the connection to Redis', { skip: without('redis') }, () => {
  after(async () => {
    await Promise.all(stops.map((stop) => stop()))
    rmSync(folder, { recursive: true })
  })

  test('a Redis that is not there is waited for, and used when it comes', async () => {
    const [port] = await freePorts(1)
    const lines: string[] = []
    const redis = openRedis({ address: `127.0.0.1:${port}`, commandTimeoutMs: 300 }, lines)
    const failure = await failureOf(redis.command('get', 'a'))
    assert.deepEqual([failure.code, failure.passes], ['redis-unreachable', true])
    assert.match(failure.message, new RegExp(`cannot reach redis at 127.0.0.1:${port}: .*ECONNREFUSED`))
    const node = redisNode({ name: 'late', folder, port, settings: {} })
    await node.start()
    stops.push(node.kill)
    while (!redis.isReady) await sleep(10)
    assert.equal(await redis.command('set', 'a', '1'), 'OK')
    assert.deepEqual(lines, ['error redis does not answer', 'info redis answers again'])
  })

  test('a connection that the library has ended for good is opened again', async () => {
    const { port } = await server()
    const redis = openRedis({ address: `127.0.0.1:${port}` })
    // After its own QUIT the library connects no more, as after a failover that comes while it asks Sentinels.
    await redis.command('quit')
    while (redis.isReady) await sleep(1)
    assert.equal(await redis.command('set', 'b', '1'), 'OK')
  })

  test('a server that stands still is given up after the timeout, and used when it goes on', async () => {
    const node = await server()
    const redis = openRedis({ address: addressOf(node), commandTimeoutMs: 300 })
    await redis.command('set', 'a', '1')
    node.freeze()
    const failure = await failureOf(redis.command('get', 'a'))
    node.thaw()
    assert.deepEqual([failure.code, failure.passes], ['redis-unreachable', true])
    while ((await redis.command('get', 'a').catch(() => undefined)) !== '1');
  })

  test('a full server, a wrong password and a mistake of ours are told apart', async () => {
    const node = await server({ settings: { maxmemory: '1', requirepass: 'right' } })
    const open = (password: string) =>
      openRedis({ address: addressOf(node), password: { env: 'P' }, commandTimeoutMs: 500 }, [], {
        P: password,
      })
    const full = await failureOf(open('right').command('set', 'a', '1'))
    assert.deepEqual([full.code, full.passes], ['redis-refused', true])
    assert.match(full.message, /OOM .*; raise maxmemory/)
    const wrong = await failureOf(open('wrong').command('get', 'a'))
    assert.deepEqual([wrong.code, wrong.passes], ['redis-refused', true])
    assert.match(wrong.message, /WRONGPASS .*; check redis.username and redis.password/)
    assert.doesNotMatch(wrong.shown, /'wrong'/)
    const script = { name: 'wrongScript', lua: "return redis.call('NOSUCH')" }
    const ours = await failureOf(open('right').run(script, { keys: [], values: [] }))
    assert.deepEqual([ours.code, ours.passes], ['redis-error', false])
    const missing = () => openRedis({ address: addressOf(node), password: { env: 'P' } })
    assert.throws(missing, { code: 'secret-missing' })
  })

  test('TLS is spoken to a server that the CA file vouches for, and to no other', async () => {
    const node = await server({ certificate: SELF_SIGNED })
    const caFile = join(folder, 'ca.pem')
    writeFileSync(caFile, SELF_SIGNED.cert)
    const address = node.tlsUrl!.replace('rediss://', '')
    const trusting = openRedis({ address, tls: { caFile, serverName: 'localhost' } })
    assert.equal(await trusting.command('set', 'a', '1'), 'OK')
    const wary = openRedis({ address, tls: {}, commandTimeoutMs: 300 })
    const failure = await failureOf(wary.command('get', 'a'))
    assert.deepEqual([failure.code, failure.passes], ['redis-unreachable', true])
    assert.match(failure.message, /self-signed certificate/)
    assert.throws(() => openRedis({ address, tls: { caFile: join(folder, 'none.pem') } }), {
      code: 'file-missing',
    })
  })

  test('an ACL user with the rights that the check asks for can do everything', async () => {
    const rules = '>secret ~{ours:* +@read +@write +@scripting +@connection +info'
    const node = await server({ settings: { user: `meshwatch on ${rules}` } })
    const config = {
      address: addressOf(node),
      namespace: 'ours',
      username: 'meshwatch',
      password: { env: 'P' },
    }
    const redis = openRedis(config, [], { P: 'secret' })
    await claimNamespace(redis, { group: 'g', keyFingerprint: 'f', partitions: 1 })
    const checkpoints = redisCheckpoints(redis)
    const { epoch } = await checkpoints.claim(0)
    const changed = { sequence: 1, head: 'h', pages: new Map([['a', Buffer.of(1)]]) }
    assert.equal(await checkpoints.save({ partition: 0, epoch, changed }), 'saved')
    const incidents = await claimIncidents(redis, 0)
    const one = incident('a')
    const change = { incidents: [one], findings: [], deliveries: [delivery(one)], superseded: [] }
    assert.equal(await incidents.apply(change, new Map()), 'applied')
    assert.equal((await incidents.list({}, 9)).incidents.length, 1)
  })

  test('a namespace is for one deployment, and another is told what to change', async () => {
    const redis = openRedis({ address: addressOf(await server()), namespace: 'shop' })
    const ours = { group: 'mesh', keyFingerprint: 'ab12', partitions: 4 }
    assert.equal(await claimNamespace(redis, ours), 'new')
    assert.equal(await claimNamespace(redis, ours), 'known')
    const table = [
      [
        { group: 'other' },
        /"shop" .* another consumer group: mesh, and here it is other; configure that group/,
      ],
      [
        { keyFingerprint: 'cd' },
        /another key for bearer secrets.*: ab12, and here it is cd; give every process/,
      ],
      [{ partitions: 8 }, /another number of stream partitions: 4, and here it is 8; keep that number/],
    ] as const
    for (const [changed, message] of table)
      await assert.rejects(claimNamespace(redis, { ...ours, ...changed }), {
        code: 'namespace-taken',
        message,
      })
    await claimNamespace(redis, ours)
  })
})
