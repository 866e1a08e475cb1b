import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import type { KafkaClient } from '../../io/kafka.ts'
import { type GroupConsumer, openGroupConsumer } from '../../io/kafka-consumer.ts'
import {
  type Consuming,
  type GroupConsumerOptions,
  LIMITS,
  type LogChange,
  type TakenBatch,
} from '../../io/kafka-group.ts'
import { watchLag } from '../../io/kafka-lag.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { hasCode } from '../../io/world-error.ts'
import { without } from '../servers/availability.ts'
import { kafkaJava } from '../servers/kafka-files.ts'
import { type KafkaForTests, kafkaForTests } from '../servers/kafka-for-tests.ts'
import { asAdmin, deleteBelow, eventually, makeTopic, testClient, textRecord } from './kafka-log.ts'

describe('a group consumer with positions of our own', { skip: without('kafka') }, () => {
  let kafka: KafkaForTests
  let client: KafkaClient
  let topics = 0
  const open: GroupConsumer[] = []
  before(async () => {
    kafka = await kafkaForTests()
    client = testClient(kafka.bootstrap)
  })
  after(async () => {
    await Promise.all(open.map((consumer) => consumer.close()))
    await kafka.stop()
  })

  async function topicWith(texts: readonly string[], options = {}): Promise<string> {
    const topic = `${kafka.prefix}t${topics++}`
    await makeTopic(client, topic, options)
    await append(topic, 0, texts)
    return topic
  }
  async function append(topic: string, partition: number, texts: readonly string[]): Promise<void> {
    const producer = openProducer(client)
    if (texts.length > 0) await producer.append(topic, partition, texts.map(textRecord))
    await producer.close()
  }
  interface Consumption {
    readonly consumer: GroupConsumer
    readonly texts: string[]
    readonly changes: LogChange[]
    readonly begun: number[]
  }
  function consume(topic: string, options: Partial<GroupConsumerOptions> = {}): Consumption {
    const texts: string[] = []
    const changes: LogChange[] = []
    const begun: number[] = []
    const { begin = ({ first }) => ({ offset: first }), ...rest } = options
    const consumer = openGroupConsumer(client, {
      group: `${topic}-group`,
      topics: [topic],
      take: (batch) => void texts.push(...textsOf(batch)),
      report: (change) => void changes.push(change),
      begin: (log) => {
        begun.push(log.partition)
        return begin(log)
      },
      ...rest,
    })
    open.push(consumer)
    return { consumer, texts, changes, begun }
  }
  const textsOf = ({ records }: TakenBatch) => records.map(({ value }) => String(value))

  test('reads on from where it is told to, whatever Kafka has stored', async () => {
    const topic = await topicWith(['a', 'b', 'c', 'd'])
    const { consumer, texts } = consume(topic, { begin: () => ({ offset: 2 }) })
    await eventually(() => texts.length === 2, 'both records')
    assert.deepEqual(texts, ['c', 'd'])
    consumer.settle({ topic, partition: 0, offset: 4, metadata: 'm' })
    await consumer.close()
    const committed: unknown[] = []
    const again = consume(topic, {
      begin: (log) => {
        committed.push(log.committed)
        return { offset: 1 }
      },
    })
    await eventually(() => again.texts.length === 3, 'three records')
    assert.deepEqual(committed, [{ topic, partition: 0, offset: 4, metadata: 'm' }])
    assert.deepEqual(again.texts, ['b', 'c', 'd'])
  })

  test('asks for the place again after every join, with nothing stored in Kafka', async () => {
    const topic = await topicWith(['a0', 'a1'], { partitions: 2 })
    await append(topic, 1, ['b0', 'b1'])
    const next = [0, 0]
    const member = (): Consumption =>
      consume(topic, {
        begin: ({ partition }) => ({ offset: next[partition] }),
        take: (batch) => {
          next[batch.partition] = batch.next
          all.push(...textsOf(batch))
        },
      })
    const all: string[] = []
    const one = member()
    await eventually(() => all.length === 4, 'all records')
    const two = member()
    await eventually(() => one.begun.length + two.begun.length >= 4, 'both members have begun')
    await append(topic, 0, ['a2'])
    await append(topic, 1, ['b2'])
    await eventually(() => all.length >= 6, 'the new records')
    await two.consumer.close()
    await append(topic, 0, ['a3'])
    await append(topic, 1, ['b3'])
    await eventually(() => all.length >= 8, 'the newest records')
    assert.deepEqual(all.toSorted(), ['a0', 'a1', 'a2', 'a3', 'b0', 'b1', 'b2', 'b3'])
    const stored = await asAdmin(client, (admin) =>
      admin.fetchOffsets({ groupId: `${topic}-group`, topics: [topic] }),
    )
    assert.ok(stored[0].partitions.every(({ offset }) => offset === '-1'))
  })

  test('a batch that is being taken while the group shares out anew learns of it and changes nothing', async () => {
    const topic = await topicWith(['a', 'b'])
    const entered = Promise.withResolvers<() => boolean>()
    const leave = Promise.withResolvers<void>()
    const places: number[] = []
    const takes: string[][] = []
    const limits = { heartbeatMs: 200 }
    const first = consume(topic, {
      limits,
      begin: ({ first: offset }) => {
        places.push(offset)
        return { offset }
      },
      take: async (batch, alive) => {
        takes.push(textsOf(batch))
        if (takes.length > 1) return
        entered.resolve(alive)
        await leave.promise
      },
    })
    const alive = await entered.promise
    assert.equal(alive(), true)
    const second = consume(topic, { limits })
    await eventually(() => !alive(), 'the heartbeat has told of the new sharing')
    leave.resolve()
    await eventually(() => places.length + second.begun.length >= 2, 'the partition is begun again')
    await eventually(() => takes.length + second.texts.length >= 2, 'the batch is read again')
    const texts = [...takes.slice(1).flat(), ...second.texts]
    assert.deepEqual(texts, ['a', 'b'], 'what was taken under the old assignment counts for nothing')
    await first.consumer.close()
  })

  test('heartbeats while a batch takes longer than a session', async () => {
    const topic = await topicWith(['slow'])
    const done = Promise.withResolvers<boolean>()
    const { begun } = consume(topic, {
      limits: { sessionMs: 1500, heartbeatMs: 300 },
      take: async (_batch, alive) => {
        await new Promise((resolve) => setTimeout(resolve, 3000))
        done.resolve(alive())
      },
    })
    assert.equal(await done.promise, true)
    assert.equal(begun.length, 1)
  })

  test('records that were deleted before they were read end it, or are counted', async () => {
    const topic = await topicWith(['a', 'b', 'c', 'd'])
    await deleteBelow(client, topic, 3)
    const strict = consume(topic, { begin: () => ({ offset: 1 }) })
    await assert.rejects(strict.consumer.ended, (error) => {
      assert.ok(hasCode(error, 'kafka-records-gone'))
      assert.match(String(error), /2 records from offset 1 on/)
      return true
    })
    const lenient = consume(topic, { begin: () => ({ offset: 1 }), whenGone: 'continue' })
    await eventually(() => lenient.texts.length === 1, 'what is left')
    assert.deepEqual(lenient.texts, ['d'])
    assert.deepEqual(lenient.changes, [{ kind: 'gone', topic, partition: 0, expected: 1, next: 3 }])
  })

  test('records that are deleted while it reads are counted too, and nothing is skipped silently', async () => {
    const topic = await topicWith(['a', 'b'])
    const consumption = consume(topic, { whenGone: 'continue' })
    await eventually(() => consumption.texts.length === 2, 'the first records')
    consumption.consumer.hold(topic, 0)
    await append(topic, 0, ['c', 'd', 'e'])
    await deleteBelow(client, topic, 4)
    consumption.consumer.release(topic, 0)
    await eventually(() => consumption.texts.includes('e'), 'the last record')
    assert.deepEqual(
      consumption.changes.map(({ kind, next }) => [kind, next]),
      [['gone', 4]],
    )
    assert.equal(consumption.changes[0].expected, consumption.texts.length - 1)
  })

  test('a topic that was made again is recognised, shorter and longer than before', async () => {
    const topic = await topicWith(['a', 'b', 'c'])
    const first = consume(topic)
    await eventually(() => first.texts.length === 3, 'the old records')
    await first.consumer.close()
    await remake(topic, ['x'])
    const shorter = consume(topic, { begin: () => ({ offset: 3, timeBefore: 1 }), whenRemade: 'continue' })
    await eventually(() => shorter.texts.length === 1, 'the new record')
    assert.deepEqual(shorter.changes, [{ kind: 'remade', topic, partition: 0, expected: 3, next: 0 }])
    await shorter.consumer.close()
    const strict = consume(topic, { begin: () => ({ offset: 3 }) })
    await assert.rejects(strict.consumer.ended, { code: 'kafka-topic-remade' })
    await append(topic, 0, ['y', 'z', 'zz'])
    const longer = consume(topic, { begin: () => ({ offset: 3, timeBefore: 1 }), whenRemade: 'continue' })
    await eventually(() => longer.texts.length === 4, 'all new records')
    assert.deepEqual(longer.texts, ['x', 'y', 'z', 'zz'])
    assert.deepEqual(longer.changes, [{ kind: 'remade', topic, partition: 0, expected: 3, next: 0 }])
  })

  test('a topic that is made again while it is read goes on from its beginning', async () => {
    const topic = await topicWith(['a', 'b', 'c'])
    let place = { offset: 0 }
    const consumption = consume(topic, {
      whenRemade: 'continue',
      begin: () => place,
      take: (batch) => {
        consumption.texts.push(...textsOf(batch))
        place = { offset: batch.next }
      },
    })
    await eventually(() => consumption.texts.length === 3, 'the old records')
    await remake(topic, ['x'])
    await eventually(() => consumption.texts.includes('x'), 'the new record')
    assert.deepEqual(consumption.texts, ['a', 'b', 'c', 'x'])
    assert.equal(consumption.changes[0]?.kind, 'remade')
  })

  async function remake(topic: string, texts: readonly string[]): Promise<void> {
    await asAdmin(client, async (admin) => {
      await admin.deleteTopics({ topics: [topic] })
      await eventually(async () => !(await admin.listTopics()).includes(topic), 'the topic is gone')
    })
    await makeTopic(client, topic)
    await append(topic, 0, texts)
  }

  test('the record before the place shows that the topic is the same, and is not read again', async () => {
    const topic = await topicWith(['a', 'b'])
    const times: number[] = []
    const first = consume(topic, {
      take: ({ records }) => void times.push(...records.map(({ time }) => time)),
    })
    await eventually(() => times.length === 2, 'both records')
    await first.consumer.close()
    const second = consume(topic, { begin: () => ({ offset: 1, timeBefore: times[0] }) })
    await eventually(() => second.texts.length === 1, 'the second record')
    assert.deepEqual([second.texts, second.changes], [['b'], []])
  })

  test('gaps of transactions are nothing that is gone, and an open one is no standstill', async () => {
    const topic = await topicWith(['a'])
    const producer = client.producer({
      transactionalId: `${topic}-tx`,
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const send = async (value: string, end: 'commit' | 'abort') => {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value, partition: 0 }] })
      await transaction[end]()
    }
    await send('b', 'commit')
    await send('never', 'abort')
    await send('c', 'commit')
    const lags: number[] = []
    const consumption = consume(topic, {
      limits: { lagMs: 300, stallMs: 1000 },
      lag: (all) => void lags.push(...all.map(({ lag }) => lag)),
    })
    await eventually(() => consumption.texts.length === 3, 'what was committed')
    await append(topic, 0, ['d'])
    await eventually(() => consumption.texts.length === 4, 'what came later')
    lags.length = 0
    assert.deepEqual([consumption.texts, consumption.changes], [['a', 'b', 'c', 'd'], []])
    const open = await producer.transaction()
    await open.send({ topic, messages: [{ value: 'e', partition: 0 }] })
    await eventually(() => lags.length > 8, 'the lag was looked at for longer than a standstill may last')
    assert.deepEqual([...new Set(lags)], [0])
    await open.abort()
    await producer.disconnect()
  })

  test('a batch that kafkajs cannot read ends it after a few restarts', async () => {
    const topic = await topicWith([])
    const words = ['--bootstrap-server', kafka.bootstrap[0], '--topic', topic, '--throughput', '-1']
    const large = ['batch.size', 'max.request.size', 'buffer.memory'].map((name) => `${name}=33554432`)
    const performance = 'org.apache.kafka.tools.ProducerPerformance'
    const settings = ['--command-property', 'compression.type=zstd', 'linger.ms=20000', ...large]
    const sized = ['--record-size', '1', '--num-records', '200000']
    const [java, ...args] = kafkaJava([], [performance, ...words, ...sized, ...settings])
    assert.equal(spawnSync(java, args).status, 0)
    const { consumer } = consume(topic, { limits: { maxRestarts: 1 } })
    await assert.rejects(consumer.ended, { code: 'kafka-consumer', message: /more than 100,000 records/ })
  })

  test('brokers that are away are told, and do not keep it from closing', async () => {
    const troubles: unknown[] = []
    const consumer = openGroupConsumer(testClient(['127.0.0.1:1']), {
      group: 'g',
      topics: ['t'],
      begin: () => ({ offset: 0 }),
      take: () => {},
      trouble: (error) => troubles.push(error),
    })
    await eventually(() => troubles.length > 0, 'trouble is told')
    assert.match(String(troubles[0]), /consumer group g cannot work: .*127\.0\.0\.1:1/)
    await consumer.close()
    await consumer.ended
  })

  test('an error of the reader ends it', async () => {
    const topic = await topicWith(['a'])
    const { consumer } = consume(topic, {
      take: () => {
        throw new Error('no room')
      },
    })
    await assert.rejects(consumer.ended, /no room/)
    const failing = consume(topic, { begin: () => Promise.reject(new Error('no store')) })
    await assert.rejects(failing.consumer.ended, /no store/)
  })

  test('lag without progress is a standstill, unless somebody is at work', async () => {
    const topic = await topicWith(['a', 'b'])
    const stalled = async (state: Partial<Consuming>, next: number | undefined) => {
      const failed: unknown[] = []
      let looks = 0
      const watch = watchLag({
        client,
        options: {
          group: 'g',
          topics: [topic],
          begin: () => ({ offset: 0 }),
          take: () => {},
          lag: () => looks++,
        },
        limits: { ...LIMITS, lagMs: 20, stallMs: 200 },
        assignment: { partitions: new Map([[`${topic}/0`, { topic, partition: 0, next }]]) },
        held: new Set(),
        taking: 0,
        movedAt: 0,
        fail: (error: Error) => failed.push(error),
        ...state,
      } as unknown as Consuming)
      const from = performance.now()
      await eventually(() => failed.length > 0 || (looks > 4 && performance.now() - from > 800), 'a look')
      watch.close()
      return failed.some((error) => hasCode(error, 'kafka-stalled'))
    }
    assert.equal(await stalled({}, 1), true)
    assert.equal(await stalled({}, 2), false, 'nothing left to read')
    assert.equal(await stalled({ taking: 1 }, 1), false, 'a batch is being taken')
    assert.equal(await stalled({ held: new Set([`${topic}/0`]) }, 1), false, 'the reader is behind')
    assert.equal(await stalled({}, undefined), false, 'the partition is being begun')
  })

  test('lag is told of each partition', async () => {
    const topic = await topicWith(['a', 'b', 'c'])
    const lags: number[] = []
    const { consumer } = consume(topic, {
      limits: { lagMs: 100 },
      begin: () => ({ offset: 1 }),
      take: (batch) => consumer.hold(topic, batch.partition),
      lag: (all) => void lags.push(...all.map(({ lag }) => lag)),
    })
    await eventually(() => lags.includes(0), 'no lag')
    await append(topic, 0, ['d', 'e'])
    await eventually(() => lags.includes(2), 'two records behind')
  })
})
