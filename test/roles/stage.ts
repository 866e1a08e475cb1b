import { setTimeout as sleep } from 'node:timers/promises'
import { restore } from '../../analyzer/engine/checkpoint.ts'
import { openEngine } from '../../cli/engines.ts'
import { readFindingRecord } from '../../cli/roles/finding-log.ts'
import type { Config } from '../../domain/config/schema.ts'
import type { Incident } from '../../domain/incident.ts'
import { type KafkaClient, openKafka } from '../../io/kafka.ts'
import { createTopics, ownTopics } from '../../io/kafka-topics.ts'
import { openLog } from '../../io/log.ts'
import { Redis } from '../../io/redis.ts'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { redisIncidents } from '../../io/redis-incidents.ts'
import { type Baselines, baselinesOf } from '../faults/baselines.ts'
import { fillTopics } from './fill-topics.ts'
import type { Logs } from './scenario.ts'

/** What a test does at the edges of a cast: logs in, verdicts out. */
export interface Stage {
  /** Writes each log into its topic, each source partition in the order of its lines. */
  fill(logs: Logs, topicOf: (log: string) => string): Promise<void>
  /**
   * Resolves with the ids of all findings once every stream partition has come to `time` and all are taken in.
   * @param check throws when waiting is in vain
   */
  judged(time: number, check: () => void): Promise<readonly string[]>
  baselines(): Promise<readonly Baselines[]>
  incidents(): Promise<readonly Incident[]>
  close(): Promise<void>
}

/** Nothing has gone on for so long: waiting is in vain. */
const PATIENCE_MS = 240_000

export async function openStage(config: Config): Promise<Stage> {
  const client = openKafka(config.kafka!, { log: openLog('error') })
  const redis = new Redis({ config: config.redis!, log: () => {} })
  await createTopics(client, config.kafka!)
  const stores = Array.from({ length: config.kafka!.partitions.findings }, (_, p) => redisIncidents(redis, p))
  return {
    fill: (logs, topicOf) => fillTopics(client, logs, topicOf),
    judged: async (time, check) => {
      const waiting = newWaiting(check)
      const { until } = waiting
      const ids = await allFindings(client, config, { time, waiting })
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
      return Promise.all(ids.map(async ([store, id]) => (await store.get(id))!))
    },
    close: async () => redis.close(),
  }
}

/** Reads the topic of findings until every stream partition has said in each of its own that it has come to `time`. */
async function allFindings(
  client: KafkaClient,
  config: Config,
  { time, waiting }: { readonly time: number; readonly waiting: Waiting },
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
      else if (record.frontier > (frontiers.get(place) ?? 0)) {
        frontiers.set(place, record.frontier)
        waiting.goesOn()
      }
    },
  })
  const { stream, findings } = config.kafka!.partitions
  const count = stream * findings
  await waiting
    .until(`${stream} stream partitions have come to the end`, async () => {
      return [...frontiers.values()].filter((frontier) => frontier >= time).length === count
    })
    .finally(() => consumer.disconnect())
  return [...ids].sort()
}

interface Waiting {
  /** @throws what `check` throws, or an Error when nothing goes on any more */
  until(what: string, isSo: () => Promise<boolean>): Promise<void>
  goesOn(): void
}

function newWaiting(check: () => void): Waiting {
  let newsAt = performance.now()
  const goesOn = () => {
    newsAt = performance.now()
  }
  return {
    goesOn,
    until: async (what, isSo) => {
      goesOn()
      while (!(await isSo())) {
        check()
        if (performance.now() > newsAt + PATIENCE_MS) throw new Error(`waited in vain until ${what}`)
        await sleep(100)
      }
    },
  }
}
