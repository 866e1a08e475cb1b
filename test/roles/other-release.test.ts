import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Packr } from 'msgpackr'
import { openKafka } from '../../io/kafka.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { createTopics, ownTopics } from '../../io/kafka-topics.ts'
import { openLog } from '../../io/log.ts'
import { eventually } from '../io/kafka-log.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { type Cast, openCast } from './cast.ts'

/** Rows that this release cannot read are not to be lost: another one reads them, or they are judged anew. */
describe('a stream that another release wrote to', { skip: without('kafka', 'redis') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-other-release-'))
  const closing: (() => Promise<unknown>)[] = []
  let cast: Cast
  before(async () => {
    const [kafka, redis] = [await kafkaForTests(), await startRedis()]
    closing.push(kafka.stop, redis.stop)
    const { bootstrap, prefix } = kafka
    const sources = [{ name: 'mesh', topic: `${prefix}access` }]
    const servers = { bootstrap, prefix, redis: redis.url.replace('redis://', '') }
    cast = await openCast({ ...servers, webhook: 'http://127.0.0.1:1', folder, partitions: 1, sources })
    closing.unshift(cast.stop)
    const client = openKafka(cast.config.kafka!, { log: openLog('error') })
    await createTopics(client, cast.config.kafka!)
    const producer = openProducer(client)
    const value = Buffer.from(new Packr({ useRecords: false }).pack({ wire: 99, version: 1 }))
    await producer.append(ownTopics(cast.config.kafka!).stream.topic, 0, [{ value }])
    await producer.close()
  })
  after(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true })
  })

  it('ends an analyzer, with the way out', async () => {
    const member = cast.start('analyzer')
    let ended = ''
    await eventually(() => {
      try {
        member.check()
      } catch (error) {
        ended = String(error)
      }
      return ended !== ''
    }, 'it has ended')
    assert.match(ended, /record 0 of stream partition 0 is of another release: read it with .* or rebuild/)
    assert.match(ended, /ended with 1/)
  })
})
