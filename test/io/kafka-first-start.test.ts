import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openGroupConsumer } from '../../io/kafka-consumer.ts'
import { without } from '../servers/availability.ts'
import { type Kafka, startKafka } from '../servers/kafka.ts'
import { makeTopic, testClient } from './kafka-log.ts'

/** Until the first group of all is there, nobody sees to groups. */
describe('the first groups of a new broker', { skip: without('kafka') }, () => {
  let kafka: Kafka
  before(async () => {
    kafka = await startKafka()
  })
  after(() => kafka?.stop())

  it('begin without a word of trouble, and are not counted as failed', async () => {
    const warnings: string[] = []
    const warn = (warning: Error) => warnings.push(warning.message)
    process.on('warning', warn)
    const client = testClient(kafka.bootstrap)
    await makeTopic(client, 'first')
    const troubles: string[] = []
    const consumers = ['a', 'b', 'c'].map((group) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const consumer = openGroupConsumer(client, {
        group,
        topics: ['first'],
        limits: { maxRestarts: 0 },
        begin: ({ first }) => {
          resolve()
          return { offset: first }
        },
        take: () => {},
        trouble: (error) => error !== undefined && troubles.push(error.message),
      })
      return { consumer, begun: Promise.race([promise, consumer.ended]) }
    })
    await Promise.all(consumers.map(({ begun }) => begun))
    await Promise.all(consumers.map(({ consumer }) => consumer.close()))
    process.off('warning', warn)
    assert.deepEqual(troubles, [])
    assert.deepEqual(warnings, [], 'kafkajs sets timers to times that have passed')
  })
})
