import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import type { KafkaClient } from '../../io/kafka.ts'
import { openGroupConsumer } from '../../io/kafka-consumer.ts'
import { type Consuming, LIMITS, type LogRecord } from '../../io/kafka-group.ts'
import { watchLag } from '../../io/kafka-lag.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import { hasCode } from '../../io/world-error.ts'
import { without } from '../servers/availability.ts'
import { kafkaJava } from '../servers/kafka-files.ts'
import { type ConsumerStage, type Consumption, consumerStage, textsOf } from './kafka-consumption.ts'
import { eventually, testClient } from './kafka-log.ts'

describe('a group consumer with positions of our own', { skip: without('kafka') }, () => {
  let stage: ConsumerStage
  before(async () => {
    stage = await consumerStage()
  })
  after(() => stage.close())

  test('reads on from where it is told to, whatever Kafka has stored', async () => {
    const topic = await stage.topicWith(['a', 'b', 'c', 'd'])
    const { consumer, texts } = stage.consume(topic, { begin: () => ({ offset: 2 }) })
    await eventually(() => texts.length === 2, 'both records')
    assert.deepEqual(texts, ['c', 'd'])
    consumer.settle({ topic, partition: 0, offset: 4, metadata: 'm' })
    await consumer.close()
    const committed: unknown[] = []
    const again = stage.consume(topic, {
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
    const topic = await stage.topicWith(['a0', 'a1'], { partitions: 2 })
    await stage.append(topic, 1, ['b0', 'b1'])
    const next = [0, 0]
    const member = (): Consumption =>
      stage.consume(topic, {
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
    await stage.append(topic, 0, ['a2'])
    await stage.append(topic, 1, ['b2'])
    await eventually(() => all.length >= 6, 'the new records')
    await two.consumer.close()
    await stage.append(topic, 0, ['a3'])
    await stage.append(topic, 1, ['b3'])
    await eventually(() => all.length >= 8, 'the newest records')
    assert.deepEqual(all.toSorted(), ['a0', 'a1', 'a2', 'a3', 'b0', 'b1', 'b2', 'b3'])
    const stored = await withAdmin(stage.client, (admin) =>
      admin.fetchOffsets({ groupId: `${topic}-group`, topics: [topic] }),
    )
    assert.ok(stored[0].partitions.every(({ offset }) => offset === '-1'))
  })

  test('a batch that is being taken while the group shares out anew learns of it and changes nothing', async () => {
    const topic = await stage.topicWith(['a', 'b'])
    const entered = Promise.withResolvers<() => boolean>()
    const leave = Promise.withResolvers<void>()
    const places: number[] = []
    const takes: string[][] = []
    const limits = { heartbeatMs: 200 }
    const first = stage.consume(topic, {
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
    const second = stage.consume(topic, { limits })
    await eventually(() => !alive(), 'the heartbeat has told of the new sharing')
    leave.resolve()
    await eventually(() => places.length + second.begun.length >= 2, 'the partition is begun again')
    await eventually(() => takes.length + second.texts.length >= 2, 'the batch is read again')
    const texts = [...takes.slice(1).flat(), ...second.texts]
    assert.deepEqual(texts, ['a', 'b'], 'what was taken under the old assignment counts for nothing')
    await first.consumer.close()
  })

  test('heartbeats while a batch takes longer than a session', async () => {
    const topic = await stage.topicWith(['slow'])
    const done = Promise.withResolvers<boolean>()
    const { begun } = stage.consume(topic, {
      limits: { sessionMs: 1500, heartbeatMs: 300 },
      take: async (_batch, alive) => {
        await new Promise((resolve) => setTimeout(resolve, 3000))
        done.resolve(alive())
      },
    })
    assert.equal(await done.promise, true)
    assert.equal(begun.length, 1)
  })

  test('a consumer that fails each time ends after a few restarts, with what it failed at', async () => {
    const topic = await stage.topicWith([])
    const client: KafkaClient = {
      ...stage.client,
      consumer: (options) => ({
        ...stage.client.consumer(options),
        run: async () => {
          throw new Error('cannot run')
        },
      }),
    }
    const { ended } = openGroupConsumer(client, {
      group: `${topic}-failing`,
      topics: [topic],
      begin: () => ({ offset: 0 }),
      take: () => {},
      limits: { maxRestarts: 1 },
    })
    await assert.rejects(ended, { code: 'kafka-consumer', message: /failed again and again: cannot run/ })
  })

  test('a batch of more records than kafkajs can take apart is one record', async () => {
    const topic = await stage.topicWith([])
    const records = 200_000
    const words = ['--bootstrap-server', stage.bootstrap[0], '--topic', topic, '--throughput', '-1']
    const large = ['batch.size', 'max.request.size', 'buffer.memory'].map((name) => `${name}=33554432`)
    const performance = 'org.apache.kafka.tools.ProducerPerformance'
    const settings = ['--command-property', 'compression.type=zstd', 'linger.ms=20000', ...large]
    const sized = ['--record-size', '1', '--num-records', String(records)]
    const [java, ...args] = kafkaJava([], [performance, ...words, ...sized, ...settings])
    assert.equal(spawnSync(java, args).status, 0)
    await stage.append(topic, 0, ['behind'])
    const taken: LogRecord[] = []
    stage.consume(topic, { take: (batch) => void taken.push(...batch.records) })
    await eventually(() => taken.length === 2, 'both are taken')
    assert.deepEqual(
      taken.map(({ offset }) => offset),
      [records - 1, records],
    )
    assert.ok(taken[0].length! > taken[0].value!.length)
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
    const topic = await stage.topicWith(['a'])
    const { consumer } = stage.consume(topic, {
      take: () => {
        throw new Error('no room')
      },
    })
    await assert.rejects(consumer.ended, /no room/)
    const failing = stage.consume(topic, { begin: () => Promise.reject(new Error('no store')) })
    await assert.rejects(failing.consumer.ended, /no store/)
  })

  test('lag without progress is a standstill, unless somebody is at work', async () => {
    const topic = await stage.topicWith(['a', 'b'])
    const stalled = async (state: Partial<Consuming>, next: number | undefined) => {
      const failed: unknown[] = []
      let looks = 0
      const watch = watchLag({
        client: stage.client,
        options: {
          group: 'g',
          topics: [topic],
          begin: () => ({ offset: 0 }),
          take: () => {},
          lag: () => looks++,
        },
        topics: [topic],
        limits: { ...LIMITS, lagMs: 20, stallMs: 200 },
        assignment: { partitions: new Map([[`${topic}/0`, { topic, partition: 0, next }]]) },
        held: new Set(),
        taking: 0,
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
    const topic = await stage.topicWith(['a', 'b', 'c'])
    const lags: number[] = []
    const { consumer } = stage.consume(topic, {
      limits: { lagMs: 100 },
      begin: () => ({ offset: 1 }),
      take: (batch) => consumer.hold(topic, batch.partition),
      lag: (all) => void lags.push(...all.map(({ lag }) => lag)),
    })
    await eventually(() => lags.includes(0), 'no lag')
    await stage.append(topic, 0, ['d', 'e'])
    await eventually(() => lags.includes(2), 'two records behind')
  })
})
