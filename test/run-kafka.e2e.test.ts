import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { loadConfig } from '../cli/load-config.ts'
import { fnv1a } from '../domain/hash.ts'
import { withAdmin } from '../io/kafka-log-bounds.ts'
import { openProducer } from '../io/kafka-producer.ts'
import { storedBaselines } from './faults/baselines.ts'
import { leftBy } from './faults/left.ts'
import { startMortalWatch } from './faults/mortal-watch.ts'
import { scenario } from './faults/scenario.ts'
import { openStoreView } from './faults/store-view.ts'
import { eventually, makeTopic, testClient, textRecord } from './io/kafka-log.ts'
import type { Kill } from './mortal-process.ts'
import { embeddedVerdict } from './roles/embedded.ts'
import { withoutPlaces } from './roles/play.ts'
import { callerIn, oneLog } from './roles/scenario.ts'
import { endProcesses, FREE_PORTS, type RunProcess, runFolder, startProcess } from './run-process.ts'
import { without } from './servers/availability.ts'
import { freePorts } from './servers/free-ports.ts'
import { type KafkaForTests, kafkaForTests } from './servers/kafka-for-tests.ts'

/** `meshwatch run` in one process, with topics beside files. */

const PARTITIONS = 2
const HALF_DAYS = 12
const KILLS: readonly Kill[] = [
  ['before save', 2],
  ['after save', 1],
  ['round', 4],
]

/** Lines in the order of time; those of a caller always go the same way. */
const LINES = scenario(3)
  .slice(0, HALF_DAYS)
  .flatMap(({ lines }) => lines)
const WAYS = Map.groupBy(LINES, (line) => fnv1a(callerIn(line)) % 3)
const [FILE, ...TOPIC] = [0, 1, 2].map((way) => WAYS.get(way) ?? [])

describe('a topic and a file in one process', { skip: without('kafka') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-run-kafka-'))
  let kafka: KafkaForTests
  let topic: string

  before(async () => {
    kafka = await kafkaForTests()
    topic = `${kafka.prefix}bus`
    const client = testClient(kafka.bootstrap)
    await makeTopic(client, topic, { partitions: TOPIC.length })
    const producer = openProducer(client)
    for (const [partition, lines] of TOPIC.entries())
      await producer.append(
        topic,
        partition,
        lines.map((line) => textRecord(line.trim())),
      )
    await producer.close()
  })

  after(async () => {
    endProcesses()
    await kafka.stop()
    rmSync(folder, { recursive: true })
  })

  /** Runs, is killed as planned, and ends when everything is stored. */
  async function watchThrough(name: string, kills: readonly Kill[]) {
    const own = join(folder, name)
    mkdirSync(own)
    writeFileSync(`${own}/access.log`, FILE.join(''))
    const path = `${own}/meshwatch.yaml`
    writeFileSync(
      path,
      `dataDir: ${own}/data
kafka: { brokers: [${kafka.bootstrap.join(', ')}], group: ${kafka.prefix}mw, sessionMs: 3000 }
sources:
  - { file: ${own}/access.log, name: mesh }
  - { kafka: { topic: ${topic} }, name: bus }
stream: { partitions: ${PARTITIONS} }
analyzer: { checkpointEveryMs: 100 }
intake: { port: 0 }
api: { enabled: false }
metrics: { enabled: false }
`,
    )
    const config = await loadConfig(path)
    const view = openStoreView(config)
    const watching = startMortalWatch(path, kills)
    const ends = new Map([
      ['mesh', Buffer.byteLength(FILE.join(''))],
      ...TOPIC.map((lines, partition) => [`bus/${partition}`, lines.length] as const),
    ])
    await eventually(() => {
      watching.check()
      const stored = view.positions()
      const isAll = stored.every((each) => [...ends].every(([name, end]) => each.get(name)?.offset === end))
      return stored.length > 0 && isAll
    }, 'everything is stored')
    view.close()
    await watching.stop()
    const baselines = (await storedBaselines(config)).map(withoutPlaces)
    return { baselines, left: await leftBy(config), killed: watching.killed }
  }

  it('is judged as the same lines in one file are, and as if no process had been killed', async () => {
    const alone = await embeddedVerdict(join(folder, 'alone'), PARTITIONS, oneLog(LINES))
    const calm = await watchThrough('calm', [])
    assert.ok(alone.findings.length > 0)
    assert.deepEqual(calm.left.findings.map((it) => it.split(' ')[0]).sort(), alone.findings)
    assert.deepEqual(calm.baselines, alone.baselines.map(withoutPlaces))
    const killed = await watchThrough('killed', KILLS)
    assert.deepEqual(killed.killed, KILLS)
    assert.deepEqual(killed.baselines, calm.baselines)
    assert.deepEqual(killed.left.findings, calm.left.findings)
    assert.deepEqual(killed.left.rejects, calm.left.rejects)
  })

  it('tells Kafka how far it is, each data folder in a group of its own', async () => {
    const groups = await withAdmin(testClient(kafka.bootstrap), async (admin) => {
      const { groups } = await admin.listGroups()
      const own = groups.filter(({ groupId }) => groupId.startsWith(`${kafka.prefix}mw-run-`))
      return Promise.all(own.map(({ groupId }) => admin.fetchOffsets({ groupId, topics: [topic] })))
    })
    const offsets = groups.map(([{ partitions }]) =>
      partitions.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset)),
    )
    const ends = TOPIC.map(({ length }) => length)
    assert.deepEqual(offsets, [ends, ends])
  })
})

describe('brokers that are away', () => {
  after(endProcesses)
  let run: RunProcess

  it('are said to be, in the log and by /readyz, while other sources go on', async () => {
    const [port] = await freePorts(1)
    const folder = runFolder(`${FREE_PORTS}intake: { port: 0 }
kafka: { brokers: ["127.0.0.1:${port}"] }
sources:
  - { kafka: { topic: bus } }
  - { file: access.log }
`)
    const call = { kind: 'call', time: Date.now(), caller: 'web', callee: 'ledger' }
    writeFileSync(join(folder, 'access.log'), `${JSON.stringify(call)}\n`)
    run = startProcess(folder)
    const { api, metrics } = (await run.said('watching')) as { api?: string; metrics?: string }
    const line = await run.said('Kafka cannot be read')
    assert.match(String(line['error']), new RegExp(`127\\.0\\.0\\.1:${port}`))
    const ready = await fetch(`${api}/readyz`)
    assert.equal(ready.status, 503)
    assert.match(await ready.text(), /kafka-unreachable/)
    await eventually(async () => {
      const text = await (await fetch(metrics!)).text()
      return /^meshwatch_events_accepted_total 1$/m.test(text)
    }, 'the file is read')
    run.process.kill('SIGTERM')
    assert.equal(await run.ended, 0)
  })
})
