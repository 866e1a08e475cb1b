import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type OwnPartition, type OwnPartitions, openOwnPartitions } from '../../cli/roles/own-partitions.ts'
import { openRole, type Role } from '../../cli/roles/role.ts'
import type { Config } from '../../domain/config/schema.ts'
import { createTopics, ownTopics } from '../../io/kafka-topics.ts'
import { deleteBelow, eventually } from '../io/kafka-log.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { openCast } from './cast.ts'

const PARTITIONS = 3

interface Process {
  readonly own: OwnPartitions<OwnPartition>
  /** By partition: how often it was claimed. */
  readonly claims: number[]
  readonly said: string[]
  close(): Promise<void>
}

describe('partitions of a group', { skip: without('kafka') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-own-partitions-'))
  const stop = new AbortController()
  let kafka: Awaited<ReturnType<typeof kafkaForTests>>
  let config: Config

  before(async () => {
    kafka = await kafkaForTests()
    const servers = {
      bootstrap: kafka.bootstrap,
      prefix: kafka.prefix,
      redis: '127.0.0.1:1',
      webhook: 'http://127.0.0.1:1',
    }
    config = (
      await openCast({
        folder,
        ...servers,
        partitions: PARTITIONS,
        sources: [{ name: 'mesh', topic: 'none' }],
      })
    ).config
    const role = await openRole('analyzer', config, stop.signal)
    await createTopics(role.client, role.config.kafka)
    await role.producer.append(role.topics.stream.topic, 0, [{ value: Buffer.from('first') }])
    await role.close()
  })
  after(async () => {
    await kafka?.stop()
    rmSync(folder, { recursive: true })
  })

  async function start({ stored, next }: { stored: boolean; next?: number }): Promise<Process> {
    const said: string[] = []
    const opened = await openRole('analyzer', config, stop.signal)
    const role: Role = { ...opened, log: (_, message) => said.push(message) }
    const claims = Array.from({ length: PARTITIONS }, () => 0)
    const own = openOwnPartitions<OwnPartition>(role, {
      topic: 'stream',
      claim: async (partition, first) => {
        claims[partition]++
        return { partition, next: next ?? first, isLost: false }
      },
      isNew: () => !stored,
      whenGone: 'halt',
      take: async () => {},
      words: { stateGone: 'the state is gone', recordsGone: 'records are gone' },
    })
    const close = async () => {
      await own.consumer.close()
      await role.close()
    }
    return { own, claims, said, close }
  }

  const have = (process: Process, count: number) =>
    eventually(async () => process.own.all().length === count, `${count} partitions`)

  test('those that stay are not claimed again when another process comes and goes', async () => {
    const first = await start({ stored: true })
    await have(first, PARTITIONS)
    const second = await start({ stored: true })
    await eventually(async () => second.own.all().length > 0, 'the second has some')
    const kept = first.own.all().map(({ partition }) => partition)
    assert.ok(kept.length > 0 && kept.length < PARTITIONS)
    assert.deepEqual(first.claims, [1, 1, 1])
    await second.close()
    await have(first, PARTITIONS)
    assert.deepEqual(
      first.claims,
      first.claims.map((_, partition) => (kept.includes(partition) ? 1 : 2)),
    )
    await first.close()
  })

  test('one that another process has is claimed again, once', async () => {
    const process = await start({ stored: true })
    await have(process, PARTITIONS)
    const [at] = process.own.all().filter(({ partition }) => partition === 1)
    process.own.overtaken(at)
    process.own.overtaken(at)
    assert.equal(at.isLost, true)
    await have(process, PARTITIONS)
    assert.deepEqual(process.claims, [1, 2, 1])
    assert.equal(process.said.filter((message) => message.startsWith('another process')).length, 1)
    await process.close()
  })

  test('what Kafka knows of and the store does not is told', async () => {
    const before = await start({ stored: true })
    await have(before, PARTITIONS)
    const { topic } = ownTopics(config.kafka!).stream
    before.own.consumer.settle({ topic, partition: 0, offset: 1 })
    assert.ok(await before.own.consumer.flush())
    await before.close()
    const behind = await start({ stored: false })
    await have(behind, PARTITIONS)
    assert.equal(behind.said.filter((message) => message === 'the state is gone').length, 1)
    await behind.close()
  })

  test('records that were deleted before they were read end it', async () => {
    const { client, topics, close } = await openRole('analyzer', config, stop.signal)
    await deleteBelow(client, topics.stream.topic, 1)
    await close()
    const process = await start({ stored: true, next: 0 })
    await assert.rejects(process.own.consumer.ended, { code: 'kafka-records-gone', message: /1 record/ })
    assert.ok(process.said.includes('records are gone'))
    await process.close()
  })
})
