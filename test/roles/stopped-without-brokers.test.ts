import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { endProcesses, eventually, type RunProcess, startProcess } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { type Kafka, startKafka } from '../servers/kafka.ts'
import { type Redis, startRedis } from '../servers/redis.ts'
import { openCast } from './cast.ts'
import { linesIntoTopic } from './lines-into-topic.ts'

describe('a role that is told to stop while brokers are away', {
  skip: without('kafka', 'redis'),
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-stopped-'))
  let kafka: Kafka
  let redis: Redis
  before(async () => {
    ;[kafka, redis] = await Promise.all([startKafka(), startRedis()])
    const { config } = await openCast({
      folder,
      bootstrap: kafka.bootstrap,
      redis: redis.url.replace('redis://', ''),
      prefix: 'own.',
      webhook: 'http://127.0.0.1:1',
      partitions: 2,
      sources: [{ name: 'mesh', topic: 'access' }],
      hasApi: true,
    })
    await linesIntoTopic(config.kafka!, 'access', [])
  })
  after(async () => {
    endProcesses()
    await Promise.all([kafka.stop(), redis.stop()])
    rmSync(folder, { recursive: true })
  })

  afterEach(() => kafka.brokers[0].start())

  /** A collector that has published what it read. */
  async function publishing(): Promise<RunProcess> {
    const run = startProcess(folder, ['run', '--role', 'collector', '--config', 'meshwatch.yaml'])
    const { metrics } = await run.said('started')
    await textOf(`${metrics}`, /canary_timestamp_seconds\{stage="collector"\} [1-9]/)
    return run
  }

  function textOf(url: string, wanted: RegExp): Promise<true> {
    return eventually(async () => wanted.test(await (await fetch(url)).text()) || undefined)
  }

  /** @returns what it said */
  async function endsInOrder(run: RunProcess): Promise<readonly unknown[]> {
    run.process.kill('SIGTERM')
    assert.equal(await run.ended, 0, run.stderr())
    const said = run.log.map(({ msg }) => msg)
    assert.equal(said.at(-1), 'stopped')
    return said
  }

  it('ends in order when it has noticed, and says what becomes of the rest', async () => {
    const run = await publishing()
    await kafka.brokers[0].kill()
    const { api } = await run.said('started')
    await textOf(`${api}/readyz`, /kafka-un(writable|reachable)/)
    const said = await endsInOrder(run)
    assert.ok(said.includes('what is not in the stream yet is read again by the next start'), run.stderr())
  })

  it('ends in order while it joins its group', async () => {
    const run = await publishing()
    await kafka.brokers[0].kill()
    await endsInOrder(run)
  })

  it('ends in order while it asks which partitions there are', async () => {
    const run = startProcess(folder, ['run', '--role', 'collector', '--config', 'meshwatch.yaml'])
    await run.said('reading')
    await kafka.brokers[0].kill()
    await run.said('Kafka cannot be read')
    await endsInOrder(run)
  })

  it('ends in order when it is an analyzer with findings and frontiers to tell', async () => {
    const run = startProcess(folder, ['run', '--role', 'analyzer', '--config', 'meshwatch.yaml'])
    await run.said('has a partition')
    await kafka.brokers[0].kill()
    const { api } = await run.said('started')
    await textOf(`${api}/readyz`, /kafka-un(writable|reachable)/)
    await endsInOrder(run)
  })
})
