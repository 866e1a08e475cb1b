import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { frontierRecord } from '../../cli/roles/finding-log.ts'
import { type KafkaClient, openKafka } from '../../io/kafka.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { createTopics, ownTopics } from '../../io/kafka-topics.ts'
import { openLog } from '../../io/log.ts'
import { Redis } from '../../io/redis.ts'
import { redisIncidents } from '../../io/redis-incidents.ts'
import { startReceiver } from '../faults/receiver.ts'
import { deleteBelow, eventually } from '../io/kafka-log.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { type Cast, type Member, openCast } from './cast.ts'

describe('an alerter to whom nothing is found for longer than findings are kept', {
  skip: without('kafka', 'redis'),
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-retention-'))
  const closing: (() => unknown)[] = []
  let cast: Cast
  let client: KafkaClient
  let redis: Redis
  before(async () => {
    const [kafka, server, pager] = [await kafkaForTests(), await startRedis(), await startReceiver()]
    closing.push(kafka.stop, server.stop, pager.close)
    const { bootstrap, prefix } = kafka
    const address = server.url.replace('redis://', '')
    const sources = [{ name: 'mesh', topic: `${prefix}access` }]
    const servers = { bootstrap, prefix, redis: address, webhook: pager.url }
    cast = await openCast({ ...servers, folder, partitions: 1, sources })
    client = openKafka(cast.config.kafka!, { log: openLog('error') })
    redis = new Redis({ config: cast.config.redis!, log: () => {} })
    closing.unshift(() => redis.close(), cast.stop)
    await createTopics(client, cast.config.kafka!)
  })
  after(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true })
  })

  const topic = () => ownTopics(cast.config.kafka!).findings.topic
  async function sayFrontiers(count: number): Promise<void> {
    const producer = openProducer(client)
    const record = frontierRecord(0, { frontier: 1, canary: 1 })
    await producer.append(
      topic(),
      0,
      Array.from({ length: count }, () => record),
    )
    await producer.close()
  }
  const hasCome = (to: number) =>
    eventually(async () => (await redisIncidents(redis, 0).nextFinding()) === to, `${to} is stored`)
  async function begun(): Promise<Member> {
    const member = cast.start('alerter')
    await eventually(() => member.said().includes('has a partition'), 'it has begun')
    return member
  }

  it('stores how far it has come all the same', async () => {
    const member = await begun()
    await sayFrontiers(3)
    await hasCome(3)
    await member.stop()
  })

  it('does not take that for lost incidents when it comes back', async () => {
    const member = await begun()
    assert.doesNotMatch(member.said(), /are gone/)
    await member.stop()
  })

  it('tells of what was deleted while it was away, and goes on', async () => {
    await sayFrontiers(5)
    await deleteBelow(client, topic(), 6)
    const member = await begun()
    await eventually(() => /deleted before an alerter had read them/.test(member.said()), 'it tells')
    await hasCome(8)
    member.check()
  })
})
