import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { generationNumber } from '../../domain/generation.ts'
import type { RawRecord } from '../../domain/ports.ts'
import type { KafkaClient } from '../../io/kafka.ts'
import { MAX_BATCH_BYTES } from '../../io/kafka-codecs.ts'
import type { LogChange } from '../../io/kafka-group.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { openTopicSources, type TopicSources, type TopicSourcesOptions } from '../../io/kafka-source.ts'
import { without } from '../servers/availability.ts'
import { type KafkaForTests, kafkaForTests } from '../servers/kafka-for-tests.ts'
import { remakeTopic } from './kafka-consumption.ts'
import { deleteBelow, eventually, makeTopic, testClient, textRecord } from './kafka-log.ts'

/** As Kafka counts its codecs. */
const ZSTD = 4

describe('Kafka partitions as sources', { skip: without('kafka') }, () => {
  let kafka: KafkaForTests
  let client: KafkaClient
  let topics = 0
  const opened: TopicSources[] = []
  before(async () => {
    kafka = await kafkaForTests()
    client = testClient(kafka.bootstrap)
  })
  after(async () => {
    await Promise.all(opened.map((sources) => sources.close()))
    await kafka.stop()
  })

  async function newTopic(partitions = 1, settings = {}): Promise<string> {
    const topic = `${kafka.prefix}t${topics++}`
    await makeTopic(client, topic, { partitions, settings })
    return topic
  }
  async function append(topic: string, values: readonly (string | null)[], partition = 0): Promise<void> {
    const producer = openProducer(client)
    const records = values.map((it) => (it === null ? { value: null } : textRecord(it)))
    await producer.append(topic, partition, records)
    await producer.close()
  }
  function open(topic: string, options: Partial<TopicSourcesOptions> = {}): TopicSources {
    const shared = { group: `${topic}-group`, topics: [{ topic, name: 'edge', start: 'earliest' as const }] }
    const sources = openTopicSources(client, { ...shared, ...options })
    opened.push(sources)
    return sources
  }
  interface Read {
    readonly text: string
    readonly place: string
    readonly generation: number
  }
  /** Reads whatever there is, for as long as `isEnough` says no. */
  async function readUntil(
    sources: TopicSources,
    isEnough: (all: readonly Read[]) => boolean,
  ): Promise<Read[]> {
    const all: Read[] = []
    await eventually(async () => {
      for (const source of sources.current()) {
        const chunk = await source.read()
        for (const { text, offset } of chunk?.records ?? [])
          all.push({
            text,
            place: `${chunk!.end.source} ${offset}`,
            generation: generationNumber(chunk!.end.generation),
          })
        if (chunk !== undefined) source.settle(chunk.end.offset)
      }
      return isEnough(all)
    }, 'enough was read')
    return all
  }
  const textsOf = (all: readonly Read[]) => all.map(({ text }) => text)

  test('reads every partition in order, and goes on where it settled', async () => {
    const topic = await newTopic(2)
    await append(topic, ['a', 'b'], 0)
    await append(topic, ['c'], 1)
    const sources = open(topic)
    const all = await readUntil(sources, ({ length }) => length === 3)
    assert.deepEqual(all.map(({ place }) => place).toSorted(), ['edge/0 0', 'edge/0 1', 'edge/1 0'])
    await sources.close()
    await append(topic, ['d'], 0)
    const again = await readUntil(open(topic), ({ length }) => length > 0)
    const { generation } = all.find(({ place }) => place.startsWith('edge/0'))!
    assert.deepEqual(again, [{ text: 'd', place: 'edge/0 2', generation }])
  })

  test('a deleted value is an empty record', async () => {
    const topic = await newTopic()
    await append(topic, [null, 'a'])
    const sources = open(topic)
    const read = await readUntil(sources, ({ length }) => length === 2)
    assert.deepEqual(textsOf(read), ['', 'a'])
  })

  /** Reads so many records of one partition, and what is known of each. */
  async function readRaw(topic: string, count: number): Promise<RawRecord[]> {
    const sources = open(topic)
    const records: RawRecord[] = []
    await eventually(async () => {
      records.push(...((await sources.current()[0]?.read())?.records ?? []))
      return records.length >= count
    }, 'all is read')
    return records
  }
  const isCut = ({ length, from, to }: RawRecord): boolean => length > to - from

  test('a batch that would be too large is one record, and what is behind it is read', async () => {
    const topic = await newTopic()
    const producer = client.producer()
    await append(topic, ['before'])
    await producer.connect()
    const value = Buffer.alloc(MAX_BATCH_BYTES + 1)
    await producer.send({ topic, messages: [{ value }, { value: 'beside' }], compression: ZSTD })
    await producer.disconnect()
    await append(topic, ['behind'])
    const records = await readRaw(topic, 3)
    assert.deepEqual(records.map(isCut), [false, true, false])
    assert.deepEqual(
      records.map(({ offset }) => offset),
      [0, 2, 3],
    )
    assert.ok(records[1].chunk.length > 61, 'the bytes of the batch are kept')
    assert.deepEqual([records[0].text, records[2].text], ['before', 'behind'])
  })

  test('batches that unpack to more than is taken apart at once are all read', async () => {
    const topic = await newTopic()
    const producer = client.producer()
    await producer.connect()
    const value = Buffer.alloc(9 * 1_048_576)
    for (let i = 0; i < 5; i++) await producer.send({ topic, messages: [{ value }], compression: ZSTD })
    await producer.disconnect()
    const records = await readRaw(topic, 5)
    assert.deepEqual(
      records.map(({ offset, length }) => [offset, length]),
      [0, 1, 2, 3, 4].map((offset) => [offset, value.length]),
    )
  })

  test('a start at the end skips what is there, and nothing that comes before the next start', async () => {
    const topic = await newTopic()
    await append(topic, ['old'])
    const latest = { topics: [{ topic, name: 'edge', start: 'latest' as const }] }
    const first = open(topic, latest)
    await eventually(() => first.current().length === 1, 'the partition is ours')
    await first.close()
    await append(topic, ['new'])
    const all = await readUntil(open(topic, latest), ({ length }) => length > 0)
    assert.deepEqual(textsOf(all), ['new'])
  })

  test('a second process takes its share; a partition that went to it gives nothing more here', async () => {
    const topic = await newTopic(2)
    const limits = { heartbeatMs: 200 }
    const one = open(topic, { limits })
    await eventually(() => one.current().length === 2, 'both partitions')
    const before = one.current()
    const two = open(topic, { limits })
    await eventually(() => one.current().length === 1 && two.current().length === 1, 'one partition each')
    await append(topic, ['a'], 0)
    await append(topic, ['b'], 1)
    const texts = [
      await readUntil(one, ({ length }) => length > 0),
      await readUntil(two, ({ length }) => length > 0),
    ]
    assert.deepEqual(texts.flatMap(textsOf).toSorted(), ['a', 'b'])
    const gone = before.find((source) => !one.current().includes(source))!
    assert.ok(gone, 'the source of the partition that stayed is still the same')
    assert.equal(await gone.read(), undefined)
  })

  test('a reader that is behind holds up only its own partition, and gets everything later', async () => {
    const topic = await newTopic(2, { 'max.message.bytes': '4096' })
    const line = 'x'.repeat(1000)
    const sources = open(topic, { maxQueuedBytes: 20_000, limits: { maxBytesPerPartition: 4096 } })
    await eventually(() => sources.current().length === 2, 'both partitions')
    for (let part = 0; part < 20; part++) await append(topic, Array<string>(20).fill(`${part} ${line}`))
    await append(topic, ['quick'], 1)
    const [slow, quick] = sources.current().toSorted((a, b) => a.partition - b.partition)
    await eventually(async () => (await quick.read()) !== undefined, 'the neighbour is read')
    let count = 0
    await eventually(async () => {
      count += (await slow.read())?.records.length ?? 0
      return count === 400
    }, 'everything of the slow partition')
  })

  test('a batch longer than one request may hold is read, though its neighbour always has more', async () => {
    const topic = await newTopic(2)
    await append(topic, ['a'], 0)
    await append(topic, [randomBytes(200_000).toString('base64')], 1)
    const sources = open(topic, { limits: { maxBytesPerPartition: 1000 } })
    let isRead = false
    let number = 0
    await eventually(async () => {
      await append(topic, [`${number++}`, 'more'], 0)
      for (const source of sources.current()) {
        const chunk = await source.read()
        isRead ||= source.partition === 1 && chunk !== undefined
      }
      return isRead
    }, 'the long batch')
  })

  test('processes come and go under load: every record is read, whoever reads it', async () => {
    const topic = await newTopic(3)
    const limits = { heartbeatMs: 200, commitMs: 100 }
    const members = new Set([open(topic, { limits }), open(topic, { limits })])
    const seen = new Map<string, number>()
    const sent: string[] = []
    let isOver = false
    const writing = (async () => {
      for (let number = 0; !isOver; number++) {
        await append(topic, [`${number}`], number % 3)
        sent.push(`${number}`)
      }
    })()
    const readOn = async () => {
      for (const member of members) {
        for (const source of member.current()) {
          const chunk = await source.read()
          for (const { text } of chunk?.records ?? []) seen.set(text, (seen.get(text) ?? 0) + 1)
          if (chunk !== undefined) source.settle(chunk.end.offset)
        }
      }
    }
    for (let change = 0; change < 4; change++) {
      const target = seen.size + 30
      await eventually(async () => {
        await readOn()
        return seen.size > target
      }, 'records flow')
      const [oldest] = members
      members.delete(oldest)
      await oldest.close()
      members.add(open(topic, { limits }))
    }
    isOver = true
    await writing
    await eventually(async () => {
      await readOn()
      return seen.size >= sent.length
    }, 'every record is read')
    assert.deepEqual(
      sent.filter((text) => !seen.has(text)),
      [],
    )
  })

  test('a topic that was made again is read from its beginning, under a new generation', async () => {
    const topic = await newTopic()
    await append(topic, ['a', 'b'])
    const first = open(topic)
    const old = await readUntil(first, ({ length }) => length === 2)
    await first.close()
    await remakeTopic(client, topic)
    await append(topic, ['x', 'y', 'z'])
    const second = open(topic)
    const all = await readUntil(second, ({ length }) => length === 3)
    assert.deepEqual(textsOf(all), ['x', 'y', 'z'])
    const [{ generation }] = all
    assert.ok(all.every((it) => it.generation === generation && generation > old[0].generation))
    await second.close()
    await append(topic, ['w'])
    const last = await readUntil(open(topic), ({ length }) => length > 0)
    assert.deepEqual(last, [{ text: 'w', place: 'edge/0 3', generation }])
  })

  test('a topic that is made again while it is read has another generation', async () => {
    const topic = await newTopic()
    await append(topic, ['a', 'b'])
    const changes: LogChange[] = []
    const sources = open(topic, { report: (change) => changes.push(change) })
    const old = await readUntil(sources, ({ length }) => length === 2)
    await remakeTopic(client, topic)
    await append(topic, ['x'])
    const all = await readUntil(sources, ({ length }) => length === 1)
    assert.deepEqual([textsOf(all), changes.map(({ kind }) => kind)], [['x'], ['remade']])
    assert.ok(all[0].generation > old[0].generation)
  })

  test('a topic that is not there is told and waited for, and the others are read', async () => {
    const topic = await newTopic()
    const later = `${topic}-later`
    await append(topic, ['there'])
    const told: (readonly string[])[] = []
    const sources = open(topic, {
      topics: [
        { topic, name: 'edge', start: 'earliest' },
        { topic: later, name: 'later', start: 'earliest' },
      ],
      absent: (topics) => told.push(topics),
      limits: { lookMs: 200 },
    })
    await readUntil(sources, ({ length }) => length === 1)
    assert.deepEqual(told, [[later]])

    await makeTopic(client, later, { partitions: 2 })
    await append(later, ['come'], 1)
    await append(topic, ['more'])
    // The group is joined anew: what was settled just before may come again.
    const read = new Set<string>()
    await readUntil(sources, (all) => {
      for (const { place, text } of all) read.add(`${place} ${text}`)
      return read.size >= 2
    })
    assert.deepEqual([...read].toSorted(), ['edge/0 1 more', 'later/1 0 come'])
    assert.deepEqual(told.at(-1), [])
  })

  test('a topic that is deleted leaves the others readable', async () => {
    const topic = await newTopic()
    const other = await newTopic()
    const told: (readonly string[])[] = []
    const sources = open(topic, {
      topics: [
        { topic, name: 'edge', start: 'earliest' },
        { topic: other, name: 'other', start: 'earliest' },
      ],
      absent: (topics) => told.push(topics),
    })
    await append(other, ['a'])
    await readUntil(sources, ({ length }) => length === 1)
    await withAdmin(client, (admin) => admin.deleteTopics({ topics: [other] }))
    await append(topic, ['b'])
    await readUntil(sources, ({ length }) => length === 1)
    await eventually(() => told.at(-1)?.[0] === other, 'the topic is told to be gone')
    await append(topic, ['c'])
    assert.deepEqual(textsOf(await readUntil(sources, ({ length }) => length === 1)), ['c'])
  })

  test('records that retention took are told, and reading goes on behind them', async () => {
    const topic = await newTopic()
    await append(topic, ['a', 'b', 'c'])
    const first = open(topic)
    await eventually(() => first.current().length === 1, 'the partition is ours')
    first.current()[0].settle(1)
    await first.close()
    await deleteBelow(client, topic, 2)
    const changes: LogChange[] = []
    const all = await readUntil(
      open(topic, { report: (change) => changes.push(change) }),
      ({ length }) => length > 0,
    )
    assert.deepEqual(textsOf(all), ['c'])
    assert.deepEqual(changes, [{ kind: 'gone', topic, partition: 0, expected: 1, next: 2 }])
  })
})
