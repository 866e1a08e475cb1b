import { setTimeout as sleep } from 'node:timers/promises'
import { restore } from '../../analyzer/engine/checkpoint.ts'
import { openEngine } from '../../cli/engines.ts'
import { readFindingRecord } from '../../cli/roles/finding-log.ts'
import type { Config } from '../../domain/config/schema.ts'
import { fnv1a } from '../../domain/hash.ts'
import { type KafkaClient, openKafka } from '../../io/kafka.ts'
import { createTopics, ownTopics } from '../../io/kafka-topics.ts'
import { openLog } from '../../io/log.ts'
import { Redis } from '../../io/redis.ts'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { redisIncidents } from '../../io/redis-incidents.ts'
import { type Baselines, baselinesOf } from '../faults/baselines.ts'

/** What a test does at the edges of a cast: logs in, verdicts out. */
export interface Stage {
  /** Writes the lines into the topic, each source partition in the order given. */
  fill(topic: string, partitions: number, lines: readonly string[]): Promise<void>
  /**
   * Resolves with the ids of all findings once every stream partition has come to `time` and all are taken in.
   * @param check throws when waiting is in vain
   */
  judged(time: number, check: () => void): Promise<readonly string[]>
  baselines(): Promise<readonly Baselines[]>
  /** Ids of the findings of each incident, by the incident's group. */
  incidents(): Promise<readonly string[]>
  close(): Promise<void>
}

const PATIENCE_MS = 240_000
const LINES_A_SEND = 1000

export async function openStage(config: Config): Promise<Stage> {
  const client = openKafka(config.kafka!, { log: openLog('error') })
  const redis = new Redis({ config: config.redis!, log: () => {} })
  await createTopics(client, config.kafka!)
  const stores = Array.from({ length: config.kafka!.partitions.findings }, (_, p) => redisIncidents(redis, p))
  return {
    fill: (topic, partitions, lines) => fill(client, { topic, partitions }, lines),
    judged: async (time, check) => {
      const until = untilOr(check)
      const ids = await allFindings(client, config, { time, until })
      await until('all findings are taken in', async () => {
        const seen = await Promise.all(stores.map((store) => store.seen(ids)))
        return new Set(seen.flatMap((some) => [...some])).size === ids.length
      })
      await until('all notifications are sent', async () => {
        const boxes = await Promise.all(stores.map((store) => store.outbox()))
        return boxes.every(({ owed }) => owed === 0)
      })
      return ids
    },
    baselines: async () => {
      const count = config.kafka!.partitions.stream
      const checkpoints = redisCheckpoints(redis)
      return Promise.all(
        Array.from({ length: count }, async (_, partition) => {
          const engine = openEngine(config, partition, count)
          const { checkpoint } = await checkpoints.claim(partition)
          if (checkpoint !== undefined) restore(engine, checkpoint)
          return baselinesOf(engine)
        }),
      )
    },
    incidents: async () => {
      const pages = await Promise.all(stores.map((store) => store.list({}, 10_000)))
      const ids = pages.flatMap(({ incidents }, at) => incidents.map(({ id }) => [stores[at], id] as const))
      const whole = await Promise.all(ids.map(([store, id]) => store.get(id)))
      return whole.map((incident) => incidentText(incident!)).sort()
    },
    close: async () => redis.close(),
  }
}

/** An incident as its group and the findings that it is made of. */
export function incidentText(incident: {
  readonly group: string
  readonly findings: readonly { readonly id: string }[]
}): string {
  return `${incident.group}: ${incident.findings
    .map(({ id }) => id)
    .sort()
    .join(' ')}`
}

async function fill(
  client: KafkaClient,
  { topic, partitions }: { topic: string; partitions: number },
  lines: readonly string[],
): Promise<void> {
  const admin = client.admin()
  await admin.connect()
  // A broker that has just started may not know yet what it has created.
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: false })
  while ((await admin.listTopics()).includes(topic) === false) await sleep(50)
  await admin.disconnect()
  const producer = client.producer()
  await producer.connect()
  for (let partition = 0; partition < partitions; partition++) {
    const own = lines.filter((line) => partitionOf(line) % partitions === partition)
    for (let from = 0; from < own.length; from += LINES_A_SEND) {
      const messages = own
        .slice(from, from + LINES_A_SEND)
        .map((value) => ({ value: value.trim(), partition }))
      await producer.send({ topic, messages })
    }
  }
  await producer.disconnect()
}

function partitionOf(line: string): number {
  return fnv1a(/"(?:caller|identity)":"([^"]*)"/.exec(line)?.[1] ?? line)
}

/** Reads the topic of findings until every stream partition has said in each of its own that it has come to `time`. */
async function allFindings(
  client: KafkaClient,
  config: Config,
  { time, until }: { readonly time: number; readonly until: ReturnType<typeof untilOr> },
): Promise<readonly string[]> {
  const { topic } = ownTopics(config.kafka!).findings
  const ids = new Set<string>()
  const frontiers = new Map<string, number>()
  const consumer = client.consumer({ groupId: `${topic}-test-${Date.now()}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message, partition }) => {
      const record = readFindingRecord(message.value)
      if (record === undefined) return
      const place = `${partition} ${'partition' in record ? record.partition : ''}`
      if ('finding' in record) ids.add(record.finding.id)
      else frontiers.set(place, Math.max(record.frontier, frontiers.get(place) ?? 0))
    },
  })
  const { stream, findings } = config.kafka!.partitions
  const count = stream * findings
  await until(`${stream} stream partitions have come to the end`, async () => {
    return [...frontiers.values()].filter((frontier) => frontier >= time).length === count
  }).finally(() => consumer.disconnect())
  return [...ids].sort()
}

function untilOr(check: () => void) {
  return async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
    const deadline = performance.now() + PATIENCE_MS
    while (!(await isSo())) {
      check()
      if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
      await sleep(100)
    }
  }
}
