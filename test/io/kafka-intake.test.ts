import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { intakeParts } from '../../io/intake-record.ts'
import type { IntakeWriter } from '../../io/intake-route.ts'
import { type IntakeSenders, intakeSenders } from '../../io/intake-senders.ts'
import type { KafkaClient } from '../../io/kafka.ts'
import { kafkaIntake } from '../../io/kafka-intake.ts'
import type { OutgoingRecord } from '../../io/kafka-producer.ts'
import { type LogProducer, openProducer } from '../../io/kafka-producer.ts'
import { openTopicSources, type TopicSources } from '../../io/kafka-source.ts'
import type { Redis } from '../../io/redis.ts'
import { type RequestPlaces, requestPlaces } from '../../io/redis-requests.ts'
import { worldError } from '../../io/world-error.ts'
import { without } from '../servers/availability.ts'
import { freePorts } from '../servers/free-ports.ts'
import { type KafkaForTests, kafkaForTests } from '../servers/kafka-for-tests.ts'
import { type Redis as RedisServer, startRedis } from '../servers/redis.ts'
import { eventually, makeTopic, testClient, wholeLog } from './kafka-log.ts'
import { addressOf, openRedis } from './redis-for-tests.ts'

const DAY_MS = 24 * 3_600_000
const BATCH_BYTES = 1_000_000
const PARTITIONS = 2

describe('the intake in Kafka', { skip: without('kafka', 'redis') }, () => {
  let kafka: KafkaForTests
  let server: RedisServer
  let client: KafkaClient
  let producer: LogProducer
  let redis: Redis
  let topics = 0
  const opened: TopicSources[] = []

  before(async () => {
    kafka = await kafkaForTests()
    server = await startRedis()
    client = testClient(kafka.bootstrap)
    producer = openProducer(client)
    redis = openRedis({ address: addressOf(server) })
  })
  after(async () => {
    await Promise.all(opened.map((sources) => sources.close()))
    await producer.close()
    redis.close()
    await server.stop()
    await kafka.stop()
  })

  interface Log {
    readonly topic: string
    readonly places: RequestPlaces
    /** A door of its own, as in another process. */
    writer(isKnown?: RequestPlaces['isKnown']): IntakeWriter
  }

  async function newLog(): Promise<Log> {
    const topic = `${kafka.prefix}intake${topics++}`
    await makeTopic(client, topic, { partitions: PARTITIONS })
    const places = requestPlaces(openRedis({ address: addressOf(server), namespace: topic }), DAY_MS)
    const stop = new AbortController().signal
    const shared = { producer, topic: { topic, partitions: PARTITIONS }, maxBatchBytes: BATCH_BYTES, stop }
    return { topic, places, writer: (isKnown = places.isKnown) => kafkaIntake({ ...shared, isKnown }) }
  }

  /** Reads like a collector until there is no more. @returns lines by sender, and how far each partition is done */
  async function readAll({ topic, places }: Log, { trouble = () => {}, isFirst = places.isFirst } = {}) {
    const sources = openTopicSources(client, {
      group: `${topic}-${topics++}`,
      topics: [{ topic, name: 'intake', start: 'earliest' }],
    })
    opened.push(sources)
    await eventually(() => sources.current().length === PARTITIONS, 'the partitions are ours')
    const splits = sources.current().map((partition) => {
      return intakeSenders(partition, { expected: [], isFirst, trouble })
    })
    const lines: Record<string, string[]> = {}
    const handed = new Map<unknown, number>()
    const total = (await wholeLog(client, topic)).length
    const done = () =>
      splits.reduce((sum, split) => sum + (split.doneBelow((sender) => handed.get(sender)) ?? 0), 0)
    await eventually(async () => {
      for (const split of splits) await readOnce(split, lines, handed)
      return done() === total
    }, 'all is read')
    await sources.close()
    return lines
  }

  async function readOnce(
    split: IntakeSenders,
    lines: Record<string, string[]>,
    handed: Map<unknown, number>,
  ): Promise<void> {
    await split.fill()
    for (const sender of split.senders()) {
      const chunk = await sender.read()
      if (chunk === undefined) continue
      handed.set(sender, chunk.end.offset)
      assert.equal(chunk.end.source, sender.name)
      const texts = chunk.records.map(({ text }) => text)
      lines[sender.name] = [...(lines[sender.name] ?? []), ...texts]
    }
  }

  const bytes = (...lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''))

  test('gives each sender its own lines in their order', async () => {
    const log = await newLog()
    const writer = log.writer()
    assert.equal(await writer.append('http:a', bytes('1', '2'), undefined, 0), true)
    assert.equal(await writer.append('http:b', bytes('x'), 'key', 0), true)
    assert.equal(await writer.append('http:a', bytes('3'), undefined, 0), true)
    assert.deepEqual(await readAll(log), { 'http:a': ['1', '2', '3'], 'http:b': ['x'] })
    assert.equal(await writer.size(), 0)
  })

  test('lines without a time hold up nobody, also when they are sent again', async () => {
    const log = await newLog()
    const headers = { request: 'key:1', part: '0', line: '0' }
    const timeless = { key: 'http:a', value: 'forged', headers, timestamp: '-1' }
    const forger = client.producer({ allowAutoTopicCreation: false })
    await forger.connect()
    for (let i = 0; i < 2; i++)
      await forger.send({ topic: log.topic, messages: [{ ...timeless, partition: 0 }] })
    await forger.disconnect()
    await log.writer().append('http:a', bytes('1'), undefined, 0)
    await log.writer().append('http:b', bytes('x'), undefined, 0)
    const lines = await readAll(log)
    assert.deepEqual(
      { ...lines, 'http:a': lines['http:a'].toSorted() },
      { 'http:a': ['1', 'forged'], 'http:b': ['x'] },
    )
  })

  test('a request that several doors took is read once, by whoever reads it and however often', async () => {
    const log = await newLog()
    const now = Date.now()
    for (const writer of [log.writer(), log.writer(), log.writer()])
      await writer.append('http:a', bytes('1', '2'), 'key', now)
    await log.writer().append('http:b', bytes('same key'), 'key', now)
    await log.writer().append('http:a', bytes('3'), 'other', now)
    const all = { 'http:a': ['1', '2', '3'], 'http:b': ['same key'] }
    assert.deepEqual(await readAll(log), all)
    assert.deepEqual(await readAll(log), all)
    assert.equal(await log.writer().append('http:a', bytes('1', '2'), 'key', now), false)
    assert.equal(await log.writer().append('http:a', bytes('1'), 'key', now + DAY_MS + 60_000), true)
  })

  test('a request of which only the first part came into the log is completed by its repeat', async () => {
    const log = await newLog()
    const rows = Array.from({ length: 25_000 }, (_, i) => `line ${i}`)
    const request = { source: 'http:a', request: 'key:big' }
    const parts: OutgoingRecord[][] = intakeParts(bytes(...rows), request, BATCH_BYTES)
    assert.ok(parts.length > 2)
    const dying: LogProducer = {
      ...producer,
      append: (...part) => {
        if (part[2][0]?.headers?.['part'] === '2')
          return Promise.reject(worldError('kafka-stopped', 'killed'))
        return producer.append(...part)
      },
    }
    const stop = new AbortController().signal
    const killed = kafkaIntake({
      producer: dying,
      topic: { topic: log.topic, partitions: PARTITIONS },
      maxBatchBytes: BATCH_BYTES,
      isKnown: log.places.isKnown,
      stop,
    })
    await assert.rejects(killed.append('http:a', bytes(...rows), 'big', Date.now()), {
      code: 'kafka-stopped',
    })
    assert.equal(await log.writer().append('http:a', bytes(...rows), 'big', Date.now()), true)
    assert.deepEqual(await readAll(log), { 'http:a': rows })
  })

  test('records that the producer itself wrote twice are read once', async () => {
    const log = await newLog()
    const [part] = intakeParts(bytes('1', '2'), { source: 'http:a', request: 'own:word' }, BATCH_BYTES)
    await producer.append(log.topic, 0, part)
    await producer.append(log.topic, 0, part)
    assert.deepEqual(await readAll(log), { 'http:a': ['1', '2'] })
  })

  test('what cannot be looked up is not given and not lost', async () => {
    const log = await newLog()
    await log.writer().append('http:a', bytes('1'), 'key', Date.now())
    let failures = 2
    const said: (string | undefined)[] = []
    const lines = await readAll(log, {
      trouble: (error?: Error) => said.push(error?.message),
      isFirst: async (...asked) => {
        if (failures-- > 0) throw new Error('Redis is away')
        return log.places.isFirst(...asked)
      },
    })
    assert.deepEqual(lines, { 'http:a': ['1'] })
    assert.deepEqual(said, ['Redis is away', 'Redis is away', undefined])
  })

  test('records that others wrote into the topic are passed over', async () => {
    const log = await newLog()
    await producer.append(log.topic, 0, [{ value: Buffer.from('{}') }, { key: 'http:a', value: null }])
    await log.writer().append('http:a', bytes('1'), undefined, 0)
    assert.deepEqual(await readAll(log), { 'http:a': ['1'] })
  })

  test('a line that the log would not take refuses its request, whole', async () => {
    const log = await newLog()
    const writer = log.writer()
    const rows = bytes('short', 'x'.repeat(BATCH_BYTES))
    await assert.rejects(writer.append('http:a', rows, 'key', 0), { code: 'kafka-record-too-large' })
    assert.equal(await writer.append('http:a', bytes('other'), 'key', 0), true)
    assert.deepEqual(await readAll(log), { 'http:a': ['other'] })
  })

  test('a request does not wait for brokers that are away for ever, and counts until they have it', async () => {
    const [port] = await freePorts(1)
    const lost = openProducer(testClient([`127.0.0.1:${port}`]))
    const writer = kafkaIntake({
      producer: lost,
      topic: { topic: 'nowhere', partitions: 1 },
      maxBatchBytes: BATCH_BYTES,
      isKnown: async () => false,
      stop: new AbortController().signal,
      patienceMs: 10,
    })
    await assert.rejects(writer.append('http:a', bytes('1'), 'key', 0), { code: 'intake-unwritable' })
    assert.equal(await writer.size(), 2)
    await lost.close()
    await eventually(async () => (await writer.size()) === 0, 'it is given up')
  })
})
