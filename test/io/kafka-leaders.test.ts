import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KafkaClient } from '../../io/kafka.ts'
import { openGroupConsumer } from '../../io/kafka-consumer.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import { type AppendTrouble, openProducer } from '../../io/kafka-producer.ts'
import { without } from '../servers/availability.ts'
import { type Broker, type Kafka, startKafka } from '../servers/kafka.ts'
import { eventually, makeTopic, testClient, textRecord, wholeLog } from './kafka-log.ts'

const PARTITIONS = 4
const KILLS = 10

describe('three brokers, of which some die', { skip: without('kafka'), concurrency: false }, () => {
  let kafka: Kafka
  let client: KafkaClient
  before(async () => {
    kafka = await startKafka({ brokers: 3 })
    client = testClient(kafka.bootstrap)
  })
  after(() => kafka.stop())

  const brokerOf = (id: number): Broker => kafka.brokers.find((broker) => broker.id === id)!

  async function leaderOf(topic: string, partition: number): Promise<number> {
    const { topics } = await withAdmin(client, (admin) => admin.fetchTopicMetadata({ topics: [topic] }))
    return topics[0].partitions.find(({ partitionId }) => partitionId === partition)!.leader
  }

  /** Until all copies are in step again. */
  async function untilWhole(topic: string): Promise<void> {
    await eventually(async () => {
      const { topics } = await withAdmin(client, (admin) => admin.fetchTopicMetadata({ topics: [topic] }))
      return topics[0].partitions.every(({ isr }) => isr.length === 3)
    }, 'all copies are in step')
  }

  /** Appends one numbered record after another to every partition until told to stop. */
  function load(topic: string) {
    const producer = openProducer(client, { maxBackOffMs: 500 })
    const acknowledged: { partition: number; value: string; offset: number }[] = []
    let isStopped = false
    const writers = Array.from({ length: PARTITIONS }, async (_, partition) => {
      for (let number = 0; !isStopped; number++) {
        const value = `${partition}:${number}`
        const offset = await producer.append(topic, partition, [textRecord(value)])
        acknowledged.push({ partition, value, offset })
      }
    })
    const stop = async () => {
      isStopped = true
      await Promise.all(writers)
      await producer.close()
    }
    return { acknowledged, stop }
  }

  test(`${KILLS} leaders are killed under load: nothing is lost, and all is in order`, async (context) => {
    await makeTopic(client, 'kills', {
      partitions: PARTITIONS,
      copies: 3,
      settings: { 'min.insync.replicas': '2' },
    })
    const { acknowledged, stop } = load('kills')
    for (let kill = 0; kill < KILLS; kill++) {
      // Acknowledged records are on two brokers: so many are in step again.
      const count = acknowledged.length
      await eventually(() => acknowledged.length > count + 20, 'records flow')
      const broker = brokerOf(await leaderOf('kills', kill % PARTITIONS))
      await broker.kill()
      await broker.start()
    }
    await stop()
    const log = await wholeLog(client, 'kills')
    const at = new Map(log.map((it) => [`${it.partition}/${it.offset}`, it.value]))
    const lost = acknowledged.filter(({ value }) => !log.some((it) => it.value === value))
    const misplaced = acknowledged.filter(
      ({ partition, offset, value }) => at.get(`${partition}/${offset}`) !== value,
    )
    const doubled = log.length - new Set(log.map(({ value }) => value)).size
    context.diagnostic(`${acknowledged.length} acknowledged, ${lost.length} lost, ${doubled} doubled`)
    assert.deepEqual([lost.length, misplaced.length], [0, 0])
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const numbers = log
        .filter((it) => it.partition === partition)
        .map(({ value }) => Number(value.split(':')[1]))
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
      )
    }
  })

  test('a group goes on after its coordinator was killed, and skips nothing', async () => {
    await makeTopic(client, 'coordinated', { partitions: PARTITIONS, copies: 3 })
    const seen = new Set<string>()
    const next = new Map<number, number>()
    const consumer = openGroupConsumer(client, {
      group: 'coordinated',
      topics: ['coordinated'],
      limits: { sessionMs: 6000 },
      begin: ({ partition, first }) => ({ offset: next.get(partition) ?? first }),
      take: (batch) => {
        for (const { value } of batch.records) seen.add(String(value))
        next.set(batch.partition, batch.next)
        consumer.settle({ topic: batch.topic, partition: batch.partition, offset: batch.next })
      },
    })
    const { acknowledged, stop } = load('coordinated')
    await eventually(() => seen.size > 100, 'records are consumed')
    const { brokerId } = await coordinator('coordinated')
    await brokerOf(brokerId).kill()
    const count = seen.size
    await eventually(() => seen.size > count + 200, 'records are consumed again')
    await brokerOf(brokerId).start()
    await untilWhole('coordinated')
    await stop()
    await eventually(() => acknowledged.every(({ value }) => seen.has(value)), 'every record is consumed')
    await consumer.close()
  })

  async function coordinator(group: string): Promise<{ brokerId: number }> {
    const { topics } = await withAdmin(client, (admin) =>
      admin.fetchTopicMetadata({ topics: ['__consumer_offsets'] }),
    )
    const { partitions } = topics[0]
    const hash = [...group].reduce((sum, letter) => (Math.imul(31, sum) + letter.charCodeAt(0)) | 0, 0)
    const partition = (hash & 0x7fffffff) % partitions.length
    return { brokerId: partitions.find(({ partitionId }) => partitionId === partition)!.leader }
  }

  test('all brokers are away for longer than any budget of retries: what was to be appended is, once back', async () => {
    await makeTopic(client, 'outage', { copies: 3 })
    const troubles: (AppendTrouble | undefined)[] = []
    const producer = openProducer(client, { trouble: (it) => troubles.push(it), maxBackOffMs: 500 })
    await producer.append('outage', 0, [textRecord('before')])
    await Promise.all(kafka.brokers.map((broker) => broker.kill()))
    const during = producer.append('outage', 0, [textRecord('during')])
    const behind = producer.append('outage', 0, [textRecord('behind')])
    await eventually(() => troubles.length >= 3, 'kafkajs has given up three times')
    assert.equal(troubles[0]?.topic, 'outage')
    await Promise.all(kafka.brokers.map((broker) => broker.start()))
    assert.deepEqual([await during, await behind], [1, 2])
    assert.equal(troubles.at(-1), undefined)
    const log = await wholeLog(client, 'outage')
    assert.deepEqual(
      log.map(({ value }) => value),
      ['before', 'during', 'behind'],
    )
    await producer.close()
  })
})
