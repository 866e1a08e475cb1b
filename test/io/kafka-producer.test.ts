import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { KafkaClient } from '../../io/kafka.ts'
import { openGroupConsumer } from '../../io/kafka-consumer.ts'
import type { LogRecord } from '../../io/kafka-group.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { without } from '../servers/availability.ts'
import { type KafkaForTests, kafkaForTests } from '../servers/kafka-for-tests.ts'
import { eventually, makeTopic, testClient, textRecord, wholeLog } from './kafka-log.ts'

describe('a producer', { skip: without('kafka') }, () => {
  let kafka: KafkaForTests
  let client: KafkaClient
  before(async () => {
    kafka = await kafkaForTests()
    client = testClient(kafka.bootstrap)
  })
  after(() => kafka.stop())

  test('appends in the order of the calls, and says where', async () => {
    const topic = `${kafka.prefix}order`
    await makeTopic(client, topic, { partitions: 2 })
    const producer = openProducer(client)
    const calls = Array.from({ length: 20 }, (_, at) =>
      producer.append(topic, at % 2, [textRecord(`${at} a`), textRecord(`${at} b`)]),
    )
    assert.deepEqual(
      await Promise.all(calls),
      calls.map((_, at) => Math.floor(at / 2) * 2),
    )
    const even = (await wholeLog(client, topic)).filter(({ partition }) => partition === 0)
    assert.deepEqual(
      even.map(({ value }) => value),
      [0, 2, 4, 6, 8, 10, 12, 14, 16, 18].flatMap((at) => [`${at} a`, `${at} b`]),
    )
    await producer.close()
  })

  test('keys, headers, deleted values and bytes arrive as they are', async () => {
    const topic = `${kafka.prefix}whole`
    await makeTopic(client, topic)
    const producer = openProducer(client)
    const bytes = new Uint8Array([9, 0, 255, 9]).subarray(1, 3)
    await producer.append(topic, 0, [
      { key: 'k', value: bytes, headers: { traceparent: '00-1-2-01' } },
      { key: 'gone', value: null },
    ])
    const records: LogRecord[] = []
    const consumer = openGroupConsumer(client, {
      group: topic,
      topics: [topic],
      begin: ({ first }) => ({ offset: first }),
      take: (batch) => void records.push(...batch.records),
    })
    await eventually(() => records.length === 2, 'both records')
    await Promise.all([consumer.close(), producer.close()])
    const [whole, gone] = records
    assert.deepEqual([String(whole.key), whole.value], ['k', Buffer.from([0, 255])])
    assert.equal(String(whole.headers['traceparent']), '00-1-2-01')
    assert.deepEqual([String(gone.key), gone.value], ['gone', null])
  })

  test('records that the brokers will never take are refused, and what follows them is not', async () => {
    const topic = `${kafka.prefix}small`
    await makeTopic(client, topic, { settings: { 'max.message.bytes': '1000' } })
    const producer = openProducer(client)
    const refused = producer.append(topic, 0, [{ value: randomBytes(5000) }])
    const taken = producer.append(topic, 0, [textRecord('small')])
    await assert.rejects(refused, { code: 'kafka-record-too-large' })
    assert.equal(await taken, 0)
    await producer.close()
  })

  test('a topic that is missing is waited for, and told', async () => {
    const topic = `${kafka.prefix}later`
    const troubles: (string | undefined)[] = []
    const producer = openProducer(client, {
      trouble: (it) => troubles.push(it?.error.message),
      maxBackOffMs: 200,
    })
    const appended = producer.append(topic, 0, [textRecord('patient')])
    await eventually(() => troubles.length > 0, 'trouble is told')
    assert.match(troubles[0]!, new RegExp(`cannot append to ${topic}/0: `))
    await makeTopic(client, topic)
    assert.equal(await appended, 0)
    assert.equal(troubles.at(-1), undefined)
    await producer.close()
  })

  test('a topic that is made again takes records on', async () => {
    const topic = `${kafka.prefix}again`
    await makeTopic(client, topic)
    const producer = openProducer(client)
    for (const text of ['a', 'b', 'c']) await producer.append(topic, 0, [textRecord(text)])
    await withAdmin(client, async (admin) => {
      await admin.deleteTopics({ topics: [topic] })
      await eventually(async () => !(await admin.listTopics()).includes(topic), 'the topic is gone')
    })
    await makeTopic(client, topic)
    assert.equal(await producer.append(topic, 0, [textRecord('d')]), 0)
    assert.deepEqual(
      (await wholeLog(client, topic)).map(({ value }) => value),
      ['d'],
    )
    await producer.close()
  })

  test('what is not in the log when it is closed is refused', async () => {
    const producer = openProducer(testClient(['127.0.0.1:1']))
    const appended = [producer.append('t', 0, [textRecord('a')]), producer.append('t', 0, [textRecord('b')])]
    const refused = Promise.all(appended.map((it) => assert.rejects(it, { code: 'kafka-stopped' })))
    await producer.close()
    await refused
  })
})
