import { type Collector, collect, createCollector, sealRound, tickIdle } from '../../collector/collect.ts'
import { createFeed, type Feed, positionOf } from '../../collector/feed.ts'
import { type Frontiers, marksOf } from '../../collector/marks.ts'
import { createMemo } from '../../collector/memo.ts'
import { seal } from '../../collector/pack.ts'
import { parserNamed } from '../../collector/registry.ts'
import type { Mark } from '../../domain/batch.ts'
import { hmacHex } from '../../io/hash.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import { openTopicSources, type PartitionSource, type TopicSources } from '../../io/kafka-source.ts'
import { publish } from './publish.ts'
import { pause, type Role, troubleOf } from './role.ts'
import { DECISIONS, readTold } from './told-source.ts'

/** So long nothing is waited for when there is nothing to read. */
const IDLE_MS = 100
/** Marks are published at least so often: event time goes on, and analyzers know that the sources are read. */
const MARKS_EVERY_MS = 1000

/**
 * One run over one set of source partitions. Another set is another publisher: what it reads may be older than what
 * this one has published.
 */
interface Desk {
  readonly publisher: string
  readonly collector: Collector
  readonly sources: ReadonlySet<PartitionSource>
  readonly told: readonly PartitionSource[]
  /** Source partitions that exist, whoever reads them. */
  readonly known: readonly string[]
  readonly frontiers: Frontiers
  marks: readonly Mark[]
  markedAt: number
  /** The round that is on its way into the log. */
  publishing: Promise<unknown>
}

/** Reads topics into the stream until stopped. Rejects when it cannot go on. */
export async function runCollector(role: Role): Promise<void> {
  const { config, client, readiness, stop } = role
  const sources = openTopicSources(client, {
    group: `${config.kafka.group}-collector`,
    topics: topicsOf(role),
    maxRecordBytes: config.maxRecordBytes,
    report: (change) => role.log('error', 'records of a topic are gone', { ...change }),
    trouble: troubleOf(role, 'sources'),
    limits: { sessionMs: config.kafka.sessionMs },
  })
  readiness.clear('starting')
  try {
    await Promise.race([sources.ended, readOn(role, sources)])
  } finally {
    await sources.close()
  }
  if (!stop.aborted) await sources.ended
}

function topicsOf({ config, topics }: Role) {
  for (const { name, kafka } of config.sources)
    if (kafka === undefined)
      throw new Error(
        `the source "${name}" is no topic: a collector in a process of its own reads topics; send files into one, or read them with "meshwatch run" without a role`,
      )
  const own = { topic: topics.decisions.topic, name: DECISIONS, start: 'earliest' as const }
  return [
    ...config.sources.flatMap(({ name, kafka }) =>
      kafka === undefined ? [] : [{ topic: kafka.topic, name, start: kafka.start }],
    ),
    own,
  ]
}

async function readOn(role: Role, sources: TopicSources): Promise<void> {
  let desk: Desk | undefined
  for (let run = 0; !role.stop.aborted; ) {
    const current = sources.current()
    if (desk === undefined || isChanged(desk, current)) {
      await desk?.publishing
      desk = await openDesk(role, current, { run: ++run, feeds: desk?.collector.feeds ?? [] })
      Object.assign(role.watched, { feeds: desk.collector.feeds, clock: desk.collector.clock })
    }
    role.readiness.beat()
    if (!(await turn(role, desk))) await pause(IDLE_MS, role.stop)
  }
  await desk?.publishing
}

function isChanged({ sources }: Desk, current: readonly PartitionSource[]): boolean {
  return current.length !== sources.size || current.some((source) => !sources.has(source))
}

interface Before {
  /** Number of the desk. */
  readonly run: number
  /** Feeds of the desk before: those that stay hold events that their source will not give again. */
  readonly feeds: readonly Feed[]
}

async function openDesk(role: Role, current: readonly PartitionSource[], before: Before): Promise<Desk> {
  const { config, clock, log } = role
  const own = current.filter(({ topic }) => topic !== role.topics.decisions.topic)
  const feeds = own.map(
    (source) => before.feeds.find((feed) => feed.source === source) ?? openFeed(role, source),
  )
  const collector = createCollector(feeds, {
    partitions: config.kafka.partitions.stream,
    latenessMs: config.analyzer.latenessMs,
    wallClock: clock,
  })
  log('info', 'reading', { sources: own.map(({ name }) => name) })
  return {
    publisher: `${role.instance}/${before.run}`,
    collector,
    sources: new Set(current),
    told: current.filter((source) => !own.includes(source)),
    known: await knownSources(role),
    frontiers: new Map(),
    marks: [],
    markedAt: 0,
    publishing: Promise.resolve(),
  }
}

function openFeed({ config, bearerKey }: Role, source: PartitionSource): Feed {
  const format = config.sources.find(({ kafka }) => kafka?.topic === source.topic)?.format ?? 'auto'
  const hmac = (secret: string) => `hmac-sha256:${hmacHex(bearerKey, secret)}`
  const context = { source: source.name, trustDomain: config.trustDomain, hmac, memo: createMemo() }
  return createFeed(source, parserNamed(format) ?? 'auto', context)
}

/** Names of all partitions of the configured topics: analyzers wait for those that nobody has read yet. */
async function knownSources({ client, config }: Role): Promise<readonly string[]> {
  const topics = config.sources.flatMap(({ name, kafka }) => (kafka === undefined ? [] : [{ name, kafka }]))
  if (topics.length === 0) return []
  const metadata = await withAdmin(client, (admin) =>
    admin.fetchTopicMetadata({ topics: topics.map(({ kafka }) => kafka.topic) }),
  )
  return topics.flatMap(({ name, kafka }) => {
    const found = metadata.topics.find((topic) => topic.name === kafka.topic)
    return (found?.partitions ?? []).map(({ partitionId }) => `${name}/${partitionId}`)
  })
}

function isSame(marks: readonly Mark[], before: readonly Mark[]): boolean {
  return JSON.stringify(marks) === JSON.stringify(before)
}

/** One round into the log. @returns false when there was nothing to read */
async function turn(role: Role, desk: Desk): Promise<boolean> {
  const { collector } = desk
  const behind = new Map<PartitionSource, number>()
  for (const source of desk.told) {
    const offset = await readTold(collector, source, role.log)
    if (offset !== undefined) behind.set(source, offset)
  }
  const collected = await collect(collector)
  if (collected === undefined) tickIdle(collector)
  const round = collected ?? sealRound(collector) ?? { batches: [], rejects: [], endsHour: false }
  const now = role.clock()
  const marks = marksOf(collector.feeds, desk.frontiers, { now, known: desk.known })
  const isNews = round.batches.length > 0 || !isSame(marks, desk.marks)
  if (!isNews && now - desk.markedAt < MARKS_EVERY_MS) return false
  for (const source of desk.sources) {
    const feed = collector.feeds.find((each) => each.source === source)
    if (feed !== undefined) behind.set(source, positionOf(feed).offset)
  }
  await desk.publishing
  const batches = round.batches.length > 0 ? round.batches : seal(collector.packer, [])
  desk.publishing = publish(role, { ...round, batches }, { publisher: desk.publisher, at: now, marks }).then(
    () => {
      for (const [source, offset] of behind) source.settle(offset)
    },
  )
  desk.publishing.catch(() => {})
  Object.assign(desk, { marks, markedAt: now })
  return collected !== undefined
}
