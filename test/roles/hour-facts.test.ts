import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { type HourFacts, openHourFacts } from '../../cli/roles/hour-facts.ts'
import { openRole, type Role } from '../../cli/roles/role.ts'
import type { Config } from '../../domain/config/schema.ts'
import type { Fact } from '../../domain/decision.ts'
import { createTopics } from '../../io/kafka-topics.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { openCast } from './cast.ts'

const FAR = 9_000_000_000_000_000

/** What a partition says of an hour. */
function said(partition: number, hour: number, facts: readonly Fact[] = []) {
  return { partition, hour, previous: hour - 1, kept: hour - 2, facts }
}

const trusted = (partition: number, caller: string): Fact => ({
  fact: 'edge-trusted',
  partition,
  caller,
  callee: 'ledger',
  time: 1,
})

describe('facts of an hour', { skip: without('kafka') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-hour-facts-'))
  const stop = new AbortController()
  let kafka: Awaited<ReturnType<typeof kafkaForTests>>
  let config: Config
  let role: Role
  let facts: HourFacts
  let hour = 100

  before(async () => {
    kafka = await kafkaForTests()
    config = (
      await openCast({
        folder,
        bootstrap: kafka.bootstrap,
        prefix: kafka.prefix,
        redis: '127.0.0.1:1',
        webhook: 'http://127.0.0.1:1',
        partitions: 3,
        sources: [{ name: 'mesh', topic: 'none' }],
      })
    ).config
    const opened = await openRole('analyzer', config, stop.signal)
    role = { ...opened, log: () => {} }
    await createTopics(role.client, role.config.kafka)
    facts = openHourFacts(role)
  })
  beforeEach(() => {
    hour++
  })
  after(async () => {
    await facts.close()
    await role.close()
    await kafka.stop()
    rmSync(folder, { recursive: true })
  })

  const write = (...records: readonly object[]) =>
    role.producer.append(
      role.topics.facts.topic,
      0,
      records.map((record) => ({ value: Buffer.from(JSON.stringify({ piece: 0, pieces: 1, ...record })) })),
    )
  const exchange = (factsWaitMs = 60_000) => {
    const patient = { ...role.config, analyzer: { ...role.config.analyzer, factsWaitMs } }
    Object.assign(role, { config: patient })
    return facts.exchange({ ...said(0, hour), isLost: () => false })
  }
  const reasons = () => role.readiness.reasons().map(({ reason }) => reason)

  test('are heard from all others', async () => {
    await write(said(1, hour, [trusted(1, 'web')]), said(2, hour))
    assert.deepEqual(await exchange(), [trusted(1, 'web')])
  })

  test('are not forgotten because somebody says that we know them', async () => {
    const forged = [0, 1, 2].map((partition) => ({ ...said(partition, FAR), kept: FAR - 1 }))
    await write(...forged, said(1, hour), said(2, hour, [trusted(2, 'cart')]))
    assert.deepEqual(await exchange(), [trusted(2, 'cart')])
  })

  test('are left out when they speak for another partition', async () => {
    await write(said(1, hour, [trusted(7, 'web')]), said(1, hour), said(2, hour, [trusted(2, 'cart')]))
    assert.deepEqual(await exchange(), [trusted(2, 'cart')])
  })

  test('that are missing are no trouble of a process any more once another has the partition', async () => {
    assert.deepEqual(await exchange(0), [])
    assert.ok(reasons().includes('facts-missing'))
    facts.own(new Set([0]))
    assert.ok(reasons().includes('facts-missing'))
    facts.own(new Set([1, 2]))
    assert.ok(!reasons().includes('facts-missing'))
  })
})
