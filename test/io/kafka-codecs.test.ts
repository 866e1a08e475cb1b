import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { KafkaClient } from '../../io/kafka.ts'
import { BATCH_CODECS, MAX_BATCH_BYTES } from '../../io/kafka-codecs.ts'
import { hasCode } from '../../io/world-error.ts'
import { without } from '../servers/availability.ts'
import { kafkaJava } from '../servers/kafka-files.ts'
import { type KafkaForTests, kafkaForTests } from '../servers/kafka-for-tests.ts'
import { makeTopic, testClient, wholeLog } from './kafka-log.ts'
import { produceLines, withoutKcat } from './kcat.ts'

const NAMES = Object.keys(BATCH_CODECS) as (keyof typeof BATCH_CODECS)[]

for (const name of NAMES) {
  test(`${name} gives back what it was given`, () => {
    const { compress, decompress } = BATCH_CODECS[name]
    for (const bytes of [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(200_000, 'meshwatch ')])
      assert.deepEqual(Buffer.from(decompress(compress(bytes))), bytes)
  })
}

test('a batch that would be too large is refused before it is there', () => {
  const tooLarge = { code: 'kafka-batch-too-large' }
  const zeros = Buffer.alloc(MAX_BATCH_BYTES + 1)
  for (const name of NAMES) {
    const { compress, decompress } = BATCH_CODECS[name]
    assert.throws(() => decompress(compress(zeros)), tooLarge, name)
  }
  const claim = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0])
  assert.throws(() => BATCH_CODECS.snappy.decompress(claim), tooLarge)
})

test('bytes that are no LZ4 frame are an error of their own', () => {
  for (const bytes of [Buffer.from('no frame'), Buffer.alloc(40, 0xff)])
    assert.throws(
      () => BATCH_CODECS.lz4.decompress(bytes),
      (error) => !hasCode(error, 'kafka-batch-too-large'),
    )
})

describe('what other clients wrote', { skip: without('kafka') }, () => {
  let kafka: KafkaForTests
  let client: KafkaClient
  const lines = Array.from({ length: 500 }, (_, number) => `line ${number} ${'é'.repeat(number % 50)}`)
  before(async () => {
    kafka = await kafkaForTests()
    client = testClient(kafka.bootstrap)
  })
  after(() => kafka.stop())

  for (const name of NAMES) {
    test(`librdkafka with ${name}`, { skip: withoutKcat() }, async () => {
      const topic = `${kafka.prefix}kcat-${name}`
      await makeTopic(client, topic)
      await produceLines(kafka.bootstrap[0], topic, lines, ['-z', name])
      assert.deepEqual(
        (await wholeLog(client, topic)).map(({ value }) => value),
        lines,
      )
    })

    test(`the Java client with ${name}`, async () => {
      const topic = `${kafka.prefix}java-${name}`
      await makeTopic(client, topic)
      const folder = mkdtempSync(join(tmpdir(), 'meshwatch-payload-'))
      const payload = join(folder, 'payload.txt')
      writeFileSync(payload, lines.slice(0, 50).join('\n'))
      const words = ['--bootstrap-server', kafka.bootstrap[0], '--topic', topic, '--num-records', '200']
      const settings = ['--command-property', `compression.type=${name}`, 'linger.ms=50']
      const performance = 'org.apache.kafka.tools.ProducerPerformance'
      const tool = kafkaJava(
        [],
        [performance, ...words, '--payload-file', payload, '--throughput', '-1', ...settings],
      )
      const { status, stderr } = spawnSync(tool[0], tool.slice(1), { encoding: 'utf8' })
      rmSync(folder, { recursive: true })
      assert.equal(status, 0, stderr)
      const log = await wholeLog(client, topic)
      assert.equal(log.length, 200)
      assert.ok(log.every(({ value }) => lines.includes(value)))
    })
  }
})
