import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openProducer } from '../../io/kafka-producer.ts'
import { hasCode } from '../../io/world-error.ts'
import { without } from '../servers/availability.ts'
import { type ConsumerStage, consumerStage, textsOf } from './kafka-consumption.ts'
import { deleteBelow, eventually, wholeLog } from './kafka-log.ts'

describe('a log that is not what it was', { skip: without('kafka') }, () => {
  let stage: ConsumerStage
  before(async () => {
    stage = await consumerStage()
  })
  after(() => stage.close())

  test('records that were deleted before they were read end it, or are counted', async () => {
    const topic = await stage.topicWith(['a', 'b', 'c', 'd'])
    await deleteBelow(stage.client, topic, 3)
    const strict = stage.consume(topic, { begin: () => ({ offset: 1 }) })
    await assert.rejects(strict.consumer.ended, (error) => {
      assert.ok(hasCode(error, 'kafka-records-gone'))
      assert.match(String(error), /2 records from offset 1 on/)
      return true
    })
    const lenient = stage.consume(topic, { begin: () => ({ offset: 1 }), whenGone: 'continue' })
    await eventually(() => lenient.texts.length === 1, 'what is left')
    assert.deepEqual(lenient.texts, ['d'])
    assert.deepEqual(lenient.changes, [{ kind: 'gone', topic, partition: 0, expected: 1, next: 3 }])
  })

  test('records that are deleted while it reads are counted too, and nothing is skipped silently', async () => {
    const topic = await stage.topicWith(['a', 'b'])
    const consumption = stage.consume(topic, { whenGone: 'continue' })
    await eventually(() => consumption.texts.length === 2, 'the first records')
    consumption.consumer.hold(topic, 0)
    await stage.append(topic, 0, ['c', 'd', 'e'])
    await deleteBelow(stage.client, topic, 4)
    consumption.consumer.release(topic, 0)
    await eventually(() => consumption.texts.includes('e'), 'the last record')
    assert.deepEqual(
      consumption.changes.map(({ kind, next }) => [kind, next]),
      [['gone', 4]],
    )
    assert.equal(consumption.changes[0].expected, consumption.texts.length - 1)
  })

  test('a topic that was made again is recognised, shorter and longer than before', async () => {
    const topic = await stage.topicWith(['a', 'b', 'c'])
    const first = stage.consume(topic)
    await eventually(() => first.texts.length === 3, 'the old records')
    await first.consumer.close()
    await stage.remake(topic, ['x'])
    const shorter = stage.consume(topic, {
      begin: () => ({ offset: 3, timeBefore: 1 }),
      whenRemade: 'continue',
    })
    await eventually(() => shorter.texts.length === 1, 'the new record')
    assert.deepEqual(shorter.changes, [{ kind: 'remade', topic, partition: 0, expected: 3, next: 0 }])
    await shorter.consumer.close()
    const strict = stage.consume(topic, { begin: () => ({ offset: 3 }) })
    await assert.rejects(strict.consumer.ended, { code: 'kafka-topic-remade' })
    await stage.append(topic, 0, ['y', 'z', 'zz'])
    const longer = stage.consume(topic, {
      begin: () => ({ offset: 3, timeBefore: 1 }),
      whenRemade: 'continue',
    })
    await eventually(() => longer.texts.length === 4, 'all new records')
    assert.deepEqual(longer.texts, ['x', 'y', 'z', 'zz'])
    assert.deepEqual(longer.changes, [{ kind: 'remade', topic, partition: 0, expected: 3, next: 0 }])
  })

  test('a topic that is made again while it is read goes on from its beginning', async () => {
    const topic = await stage.topicWith(['a', 'b', 'c'])
    let place = { offset: 0 }
    const consumption = stage.consume(topic, {
      whenRemade: 'continue',
      begin: () => place,
      take: (batch) => {
        consumption.texts.push(...textsOf(batch))
        place = { offset: batch.next }
      },
    })
    await eventually(() => consumption.texts.length === 3, 'the old records')
    await stage.remake(topic, ['x'])
    await eventually(() => consumption.texts.includes('x'), 'the new record')
    assert.deepEqual(consumption.texts, ['a', 'b', 'c', 'x'])
    assert.equal(consumption.changes[0]?.kind, 'remade')
  })

  test('the record before the place shows that the topic is the same, and is not read again', async () => {
    const topic = await stage.topicWith(['a', 'b'])
    const times: number[] = []
    const first = stage.consume(topic, {
      take: ({ records }) => void times.push(...records.map(({ time }) => time)),
    })
    await eventually(() => times.length === 2, 'both records')
    await first.consumer.close()
    const second = stage.consume(topic, { begin: () => ({ offset: 1, timeBefore: times[0] }) })
    await eventually(() => second.texts.length === 1, 'the second record')
    assert.deepEqual([second.texts, second.changes], [['b'], []])
  })

  test('gaps that compaction left are nothing that is gone', async () => {
    const settings = {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'max.compaction.lag.ms': '100',
    }
    const topic = await stage.topicWith([], { settings })
    const producer = openProducer(stage.client)
    const append = (key: string, value: string) =>
      producer.append(topic, 0, [{ key, value: Buffer.from(value) }])
    for (const version of ['1', '2', '3']) await append('a', version)
    // A segment that is written to is not compacted: later records begin new ones.
    await eventually(async () => {
      await append('b', 'last')
      const offsets = (await wholeLog(stage.client, topic)).map(({ offset }) => offset)
      return !offsets.includes(0) && !offsets.includes(1)
    }, 'it was compacted')
    await producer.close()
    const consumption = stage.consume(topic, { begin: () => ({ offset: 0 }) })
    await eventually(() => consumption.texts.at(-1) === 'last', 'the end')
    assert.deepEqual([consumption.texts[0], consumption.changes], ['3', []])
  })

  test('gaps of transactions are nothing that is gone, and an open one is no standstill', async () => {
    const topic = await stage.topicWith(['a'])
    const producer = stage.client.producer({
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
    const consumption = stage.consume(topic, {
      limits: { lagMs: 300, stallMs: 1000 },
      lag: (all) => void lags.push(...all.map(({ lag }) => lag)),
    })
    await eventually(() => consumption.texts.length === 3, 'what was committed')
    await stage.append(topic, 0, ['d'])
    await eventually(() => consumption.texts.length === 4, 'what came later')
    await eventually(() => lags.at(-1) === 0, 'a look that began when all was read')
    lags.length = 0
    assert.deepEqual([consumption.texts, consumption.changes], [['a', 'b', 'c', 'd'], []])
    const open = await producer.transaction()
    await open.send({ topic, messages: [{ value: 'e', partition: 0 }] })
    await eventually(() => lags.length > 8, 'the lag was looked at for longer than a standstill may last')
    assert.deepEqual([...new Set(lags)], [0])
    await open.abort()
    await producer.disconnect()
  })
})
