import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openKafka } from '../../io/kafka.ts'
import { createTopics } from '../../io/kafka-topics.ts'
import { openLog } from '../../io/log.ts'
import { startReceiver } from '../faults/receiver.ts'
import { eventually } from '../io/kafka-log.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { type Cast, openCast } from './cast.ts'

const ROLES = ['collector', 'analyzer', 'alerter'] as const

describe('a process with another key for secrets than the others', {
  skip: without('kafka', 'redis'),
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-namespace-'))
  const closing: (() => Promise<unknown>)[] = []
  let first: Cast
  let second: Cast

  before(async () => {
    const [kafka, redis, pager] = [await kafkaForTests(), await startRedis(), await startReceiver()]
    closing.push(kafka.stop, redis.stop, pager.close)
    const { bootstrap, prefix } = kafka
    const servers = { bootstrap, prefix, redis: redis.url.replace('redis://', ''), webhook: pager.url }
    const setup = { ...servers, partitions: 1, sources: [{ name: 'mesh', topic: `${prefix}access` }] }
    first = await openCast({ ...setup, folder: join(folder, 'first') })
    second = await openCast({ ...setup, folder: join(folder, 'second') })
    closing.unshift(first.stop, second.stop)
    writeFileSync(join(folder, 'second', 'bearer.key'), 'e'.repeat(64))
    await createTopics(openKafka(first.config.kafka!, { log: openLog('error') }), first.config.kafka!)
    const member = first.start('analyzer')
    await eventually(() => member.said().includes('has a partition'), 'the first has the namespace')
  })
  after(async () => {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true })
  })

  for (const role of ROLES)
    it(`is refused as ${role}, with the way out`, async () => {
      const member = second.start(role)
      const refusal = () => {
        try {
          member.check()
          return ''
        } catch (error) {
          return String(error)
        }
      }
      await eventually(() => refusal() !== '', 'it has ended')
      assert.match(refusal(), /is used with another key for bearer secrets/)
      assert.match(refusal(), /give every process the same key file/)
    })
})
