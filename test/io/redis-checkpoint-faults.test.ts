import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setInterval as every } from 'node:timers/promises'
import type { Checkpoint } from '../../domain/ports.ts'
import { Redis, type RedisScript, type ScriptCall } from '../../io/redis.ts'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { without } from '../servers/availability.ts'
import { startRedis } from '../servers/redis.ts'
import { addressOf, openRedis, openRedisAs } from './redis-for-tests.ts'

/** Sends every script twice, as after a connection that broke before the answer. */
class TwiceRedis extends Redis {
  override async run(script: RedisScript, call: ScriptCall): Promise<unknown> {
    await super.run(script, call)
    return super.run(script, call)
  }
}

/** Does something before one of the scripts, counted from 0. */
class FaultyRedis extends Redis {
  fault: { readonly at: number; readonly run: () => Promise<void> } | undefined
  scripts = 0
  override async run(script: RedisScript, call: ScriptCall): Promise<unknown> {
    const number = this.scripts++
    if (number === this.fault?.at) await this.fault.run()
    return super.run(script, call)
  }
}

const page = (text: string) => Buffer.alloc(100_000, text)

/** Five pages of every save, in two chunks or more. */
const change = (sequence: number, pages = ['a', 'b', 'c', 'd', 'e']): Checkpoint => ({
  sequence,
  head: `head ${sequence}`,
  pages: new Map(pages.map((key) => [key, page(`${key}${sequence}.`)])),
})

describe('checkpoints in Redis, when things go wrong', { skip: without('redis') }, () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  before(async () => {
    server = await startRedis()
  })
  after(() => server?.stop())
  const place = () => ({ address: addressOf(server) })
  const save = (redis: Redis, store = redisCheckpoints(redis)) => {
    return async (epoch: number, changed: Checkpoint) => store.save({ partition: 0, epoch, changed })
  }
  const stored = async (redis: Redis) => {
    const { checkpoint } = await redisCheckpoints(redis).claim(0)
    const pages = [...(checkpoint?.pages ?? [])].map(([key, bytes]) => [
      key,
      `${Buffer.from(bytes)}`.split('.')[0],
    ])
    return { sequence: checkpoint?.sequence, head: checkpoint?.head, pages: pages.map(String).sort() }
  }
  const whole = (sequence: number) => ({
    sequence,
    head: `head ${sequence}`,
    pages: ['a', 'b', 'c', 'd', 'e'].map((key) => `${key},${key}${sequence}`),
  })

  /** Puts the partition back to how it was at the call before. */
  async function remember(redis: Redis) {
    const keys = ['meta', 'pages'].map((name) => `{${redis.namespace}:stream-0}:${name}`)
    for (const key of keys) await redis.command('copy', key, `${key}-then`, 'REPLACE')
    return async () => {
      for (const key of keys) await redis.command('copy', `${key}-then`, key, 'REPLACE')
    }
  }

  test('every script may arrive twice', async () => {
    const redis = openRedisAs(TwiceRedis, place())
    const store = redisCheckpoints(redis)
    const { epoch } = await store.claim(0)
    for (const sequence of [1, 2, 3]) assert.equal(await save(redis, store)(epoch, change(sequence)), 'saved')
    assert.deepEqual(await stored(redis), whole(3))
  })

  test('connections that break every 15 ms fence nobody', async () => {
    const redis = openRedis(place())
    const killer = openRedis(place())
    const store = redisCheckpoints(redis)
    const { epoch } = await store.claim(0)
    const over = new AbortController()
    let killed = 0
    const killing = (async () => {
      for await (const _ of every(15, undefined, { signal: over.signal }))
        killed += Number(await killer.command('client', 'KILL', 'TYPE', 'normal'))
    })().catch((error) => assert.equal(error.name, 'AbortError'))
    for (let sequence = 1; sequence <= 200; sequence++)
      assert.equal(await save(redis, store)(epoch, change(sequence)), 'saved')
    over.abort()
    await killing
    assert.ok(killed > 20, `${killed} connections were killed`)
    assert.deepEqual(await stored(redis), whole(200))
  })

  test('a crash before any of the scripts of a save leaves the checkpoint before it', async () => {
    for (let at = 0; ; at++) {
      const redis = openRedisAs(FaultyRedis, place())
      const store = redisCheckpoints(redis)
      const { epoch } = await store.claim(0)
      await save(redis, store)(epoch, change(1))
      redis.scripts = 0
      redis.fault = { at, run: () => Promise.reject(new Error('crash')) }
      const answer = await save(redis, store)(epoch, change(2)).catch((error: Error) => error.message)
      if (answer === 'saved') return assert.ok(at >= 4, `${at} scripts`)
      assert.equal(answer, 'crash')
      assert.deepEqual(await stored(redis), whole(1))
      const next = redisCheckpoints(redis)
      const claim = await next.claim(0)
      assert.equal(await save(redis, next)(claim.epoch, change(2, ['a'])), 'saved')
      const expected = { ...whole(1), sequence: 2, head: 'head 2' }
      expected.pages[0] = 'a,a2'
      assert.deepEqual(await stored(redis), expected)
    }
  })

  test('a save whose answer was lost is done when it is asked for again', async () => {
    const redis = openRedisAs(FaultyRedis, place())
    const store = redisCheckpoints(redis)
    const { epoch } = await store.claim(0)
    for (let sequence = 1, at = 0; sequence < 12; sequence++, at++) {
      redis.scripts = 0
      redis.fault = { at, run: () => Promise.reject(new Error('no answer')) }
      await save(redis, store)(epoch, change(sequence)).catch(() => {})
      redis.fault = undefined
      assert.equal(await save(redis, store)(epoch, change(sequence)), 'saved')
    }
    assert.deepEqual(await stored(redis), whole(11))
  })

  test('a store that was rolled back fences the writer, and gives what it has', async () => {
    const redis = openRedis(place())
    const store = redisCheckpoints(redis)
    const { epoch } = await store.claim(0)
    await save(redis, store)(epoch, change(1))
    await save(redis, store)(epoch, change(2))
    const rollBack = await remember(redis)
    await save(redis, store)(epoch, change(3))
    await rollBack()
    assert.equal(await save(redis, store)(epoch, change(4)), 'fenced')
    assert.deepEqual(await stored(redis), whole(2))
  })

  test('chunks that a failover took back are sent again', async () => {
    const redis = openRedisAs(FaultyRedis, place())
    const store = redisCheckpoints(redis)
    const { epoch } = await store.claim(0)
    await save(redis, store)(epoch, change(1))
    const rollBack = await remember(redis)
    redis.scripts = 0
    redis.fault = { at: 2, run: rollBack }
    assert.equal(await save(redis, store)(epoch, change(2)), 'saved')
    assert.ok(redis.scripts > 5, `${redis.scripts} scripts`)
    assert.deepEqual(await stored(redis), whole(2))
  })

  test('a commit without its chunks is refused', async () => {
    const redis = openRedisAs(FaultyRedis, place())
    const store = redisCheckpoints(redis)
    const { epoch } = await store.claim(0)
    await save(redis, store)(epoch, change(1))
    redis.scripts = 0
    redis.fault = { at: 3, run: await remember(redis) }
    assert.equal(await save(redis, store)(epoch, change(2)), 'fenced')
    assert.deepEqual(await stored(redis), whole(1))
  })

  test('an epoch given twice by a store that was emptied has one owner', async () => {
    const redis = openRedis(place())
    const [one, two] = [redisCheckpoints(redis), redisCheckpoints(redis)]
    const first = await one.claim(0)
    await redis.command('del', `{${redis.namespace}:stream-0}:meta`)
    const second = await two.claim(0)
    assert.equal(second.epoch, first.epoch)
    assert.equal(await save(redis, one)(first.epoch, change(1)), 'fenced')
    assert.equal(await save(redis, two)(second.epoch, change(1)), 'saved')
    assert.equal(await save(redis, one)(first.epoch, change(1)), 'fenced')
  })

  test('an emptied store fences the writer; one that lost its pages is not taken for empty', async () => {
    const redis = openRedis(place())
    const store = redisCheckpoints(redis)
    const { epoch } = await store.claim(0)
    await save(redis, store)(epoch, change(1))
    const [meta, pages] = ['meta', 'pages'].map((name) => `{${redis.namespace}:stream-0}:${name}`)
    await redis.command('del', pages)
    await assert.rejects(store.claim(0), {
      code: 'checkpoint-broken',
      message: /partition 0 .* 0 of 6 pages/,
    })
    await redis.command('del', meta)
    assert.equal(await save(redis, store)(epoch, change(2)), 'fenced')
    assert.equal((await store.claim(0)).checkpoint, undefined)
  })
})
