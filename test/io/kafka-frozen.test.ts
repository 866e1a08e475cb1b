import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openKafka } from '../../io/kafka.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { without } from '../servers/availability.ts'
import { type Kafka, startKafka } from '../servers/kafka.ts'
import { eventually, kafkaConfig, makeTopic, testClient, textRecord, wholeLog } from './kafka-log.ts'

describe('a broker that stands still', { skip: without('kafka') }, () => {
  let kafka: Kafka
  before(async () => {
    kafka = await startKafka()
  })
  after(() => kafka.stop())

  test('what it may or may not have taken in is offered again, and is there once', async () => {
    const warnings: string[] = []
    const log = {
      debug: () => {},
      warn: (_: object, text: string) => void warnings.push(text),
      error: () => {},
    }
    const client = openKafka(kafkaConfig(kafka.bootstrap), { log })
    await makeTopic(client, 'frozen', { partitions: 2 })
    const producer = openProducer(client)
    let sent = 0
    let isOver = false
    const write = async (partition: number): Promise<void> => {
      while (!isOver) await producer.append('frozen', partition, [textRecord(`${sent++}`)])
    }
    const writing = Promise.all([write(0), write(1)])
    await eventually(() => sent > 50, 'records flow')
    kafka.brokers[0].freeze()
    await eventually(() => warnings.some((text) => /Produce.*timed out/.test(text)), 'a request timed out')
    kafka.brokers[0].thaw()
    const before = sent
    await eventually(() => sent > before + 20, 'records flow again')
    isOver = true
    await writing
    await producer.close()
    const values = (await wholeLog(testClient(kafka.bootstrap), 'frozen')).map(({ value }) => Number(value))
    assert.deepEqual(
      values.toSorted((a, b) => a - b),
      Array.from({ length: sent }, (_, number) => number),
    )
  })
})
