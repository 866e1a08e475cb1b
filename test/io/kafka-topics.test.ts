import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createTopicsCommand } from '../../cli/topics.ts'
import type { KafkaClient } from '../../io/kafka.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import { openProducer } from '../../io/kafka-producer.ts'
import { openTopicTail } from '../../io/kafka-tail.ts'
import { checkTopics, createTopics, ownTopics } from '../../io/kafka-topics.ts'
import { without } from '../servers/availability.ts'
import { type KafkaForTests, kafkaForTests } from '../servers/kafka-for-tests.ts'
import { eventually, kafkaConfig, makeTopic, testClient, textRecord } from './kafka-log.ts'

describe('our own topics', { skip: without('kafka') }, () => {
  let kafka: KafkaForTests
  let client: KafkaClient
  before(async () => {
    kafka = await kafkaForTests()
    client = testClient(kafka.bootstrap)
  })
  after(() => kafka.stop())

  test('are created once, as the configuration wants them, by the command too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'meshwatch-topics-'))
    const file = join(folder, 'meshwatch.yaml')
    const prefix = `${kafka.prefix}made.`
    const partitions = '{ stream: 3, findings: 2 }'
    writeFileSync(
      file,
      `kafka: { brokers: ['${kafka.bootstrap[0]}'], topicPrefix: ${prefix}, replicationFactor: 1, partitions: ${partitions} }`,
    )
    const lines: string[] = []
    assert.equal(await createTopicsCommand({ config: file }, (line) => lines.push(line)), 0)
    const again: string[] = []
    assert.equal(await createTopicsCommand({ config: file }, (line) => again.push(line)), 0)
    rmSync(folder, { recursive: true })
    const names = ['stream', 'facts', 'decisions', 'findings', 'incidents', 'rejects', 'intake']
    assert.deepEqual(
      lines,
      names.map((name) => `${prefix}${name}: created`),
    )
    assert.deepEqual(
      again,
      names.map((name) => `${prefix}${name}: is there already`),
    )
    const { topics } = await withAdmin(client, (admin) =>
      admin.fetchTopicMetadata({ topics: names.map((name) => `${prefix}${name}`) }),
    )
    const counts = new Map(topics.map((it) => [it.name.slice(prefix.length), it.partitions.length]))
    assert.deepEqual(Object.fromEntries(counts), {
      stream: 3,
      facts: 1,
      decisions: 1,
      findings: 2,
      incidents: 1,
      rejects: 1,
      intake: 4,
    })
  })

  test('are checked: missing, another number of partitions, another clean-up', async () => {
    const config = kafkaConfig(kafka.bootstrap, { topicPrefix: `${kafka.prefix}wrong.` })
    const { stream, incidents, facts, decisions } = ownTopics(config)
    await makeTopic(client, stream.topic, { partitions: 5, settings: stream.settings })
    await makeTopic(client, incidents.topic, {
      settings: { 'cleanup.policy': 'delete', 'max.message.bytes': '1000' },
    })
    await makeTopic(client, decisions.topic, { settings: decisions.settings })
    const problems = await checkTopics(client, config, ['stream', 'facts', 'decisions', 'incidents'])
    assert.deepEqual(
      problems.map(({ topic, problem, fix }) => `${topic}: ${problem}; ${fix}`),
      [
        `${facts.topic}: the topic is missing; run "meshwatch topics create" with this configuration`,
        `${stream.topic}: the topic has 5 partitions, the configuration says 12; set kafka.partitions.stream to 5; a new count needs a new topicPrefix or a rebuild`,
        `${incidents.topic}: cleanup.policy is delete: records would be lost or kept for ever; set cleanup.policy=compact with kafka-configs`,
        `${incidents.topic}: max.message.bytes is 1000, the configuration says 4194304; set max.message.bytes=4194304 with kafka-configs`,
      ],
    )
  })

  test('too few brokers for the copies are told in their words', async () => {
    const config = kafkaConfig(kafka.bootstrap, {
      topicPrefix: `${kafka.prefix}three.`,
      replicationFactor: 3,
    })
    await assert.rejects(createTopics(client, config), {
      code: 'kafka-topics',
      message: /replication.factor/i,
    })
  })

  test('a tail reads a whole topic in every process, tells when it has, and follows', async () => {
    const topic = `${kafka.prefix}tail`
    await makeTopic(client, topic)
    const producer = openProducer(client)
    await producer.append(topic, 0, ['a', 'b', 'c'].map(textRecord))
    const tails = [{}, { from: { offset: 2 } }].map((more) =>
      openTopicTail(client, { topic, group: 'g', ...more }),
    )
    const read: string[][] = [[], []]
    const readAll = () => {
      for (const [index, tail] of tails.entries()) {
        for (let slice = tail.read(); slice !== undefined; slice = tail.read())
          read[index].push(...slice.records.map(({ value }) => String(value)))
      }
    }
    assert.deepEqual(
      tails.map((tail) => tail.isCaughtUp()),
      [false, false],
    )
    await eventually(() => {
      readAll()
      return tails.every((tail) => tail.isCaughtUp())
    }, 'both have read all of it')
    assert.deepEqual(read, [['a', 'b', 'c'], ['c']])
    await producer.append(topic, 0, [textRecord('d')])
    await eventually(() => {
      readAll()
      return read.every((texts) => texts.includes('d'))
    }, 'both follow')
    await Promise.all([producer.close(), ...tails.map((tail) => tail.close())])
    const { groups } = await withAdmin(client, (admin) => admin.listGroups())
    assert.deepEqual(
      groups.filter(({ groupId }) => groupId.startsWith('g-tail-')),
      [],
    )
  })
})
