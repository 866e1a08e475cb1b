import { type Collector, collect, createCollector, sealRound, tickIdle } from '../../collector/collect.ts'
import { type Feed, positionOf } from '../../collector/feed.ts'
import { type Frontiers, marksOf } from '../../collector/marks.ts'
import { seal } from '../../collector/pack.ts'
import type { Mark } from '../../domain/batch.ts'
import type { Source } from '../../domain/ports.ts'
import { isOutage } from '../../io/kafka-failure.ts'
import { openTopicSources, type PartitionSource } from '../../io/kafka-source.ts'
import { absentTopics } from '../absent-topics.ts'
import { createBlindLog } from '../blind-log.ts'
import { tallyEvents } from '../event-tally.ts'
import { meteredConsumer, topicNames } from '../metered-consumer.ts'
import { persistent } from '../persist.ts'
import {
  feedOf,
  type Inputs,
  isPartition,
  isSameLayout,
  knownSources,
  type LaidOut,
  layOut,
  topicsOf,
} from './collector-inputs.ts'
import type { Intake } from './intake.ts'
import { publish } from './publish.ts'
import { pause, type Role, troubleOf } from './role.ts'
import { openStores } from './stores.ts'
import { readTold } from './told-source.ts'
import { untilLeft, untilStopped } from './until-stopped.ts'

const REREAD = 'what is not in the stream yet is read again by the next start'
/** So long nothing is waited for when there is nothing to read. */
const IDLE_MS = 100
const ASK_AGAIN_MS = 1000
/** Marks are published at least so often: event time goes on, and analyzers know that the sources are read. */
const MARKS_EVERY_MS = 1000

/**
 * One run over one set of source partitions. Another set is another publisher: what it reads may be older than what
 * this one has published.
 */
interface Desk {
  readonly publisher: string
  readonly collector: Collector
  readonly laid: LaidOut
  /** Source partitions that exist, whoever reads them. */
  readonly known: readonly string[]
  readonly frontiers: Frontiers
  marks: readonly Mark[]
  markedAt: number
  /** The round that is on its way into the log. */
  publishing: Promise<unknown>
}

/**
 * Reads topics into the stream until stopped. Rejects when it cannot go on. It keeps nothing in Redis but what the
 * intake does, and asks there whether it hashes secrets with the key of all others.
 */
export async function runCollector(role: Role, intake: Intake): Promise<void> {
  const { config, client, readiness, stop } = role
  const redis = await openStores(role, persistent(role))
  redis.close()
  const sources = openTopicSources(client, {
    group: `${config.kafka.group}-collector`,
    topics: topicsOf(role),
    maxRecordBytes: config.maxRecordBytes,
    trouble: troubleOf(role, 'sources'),
    absent: absentTopics(role),
    limits: { sessionMs: config.kafka.sessionMs },
    ...meteredConsumer(role.meter.metrics, topicNames(topicsOf(role)), (change) =>
      role.log('error', 'records of a topic are gone', { ...change }),
    ),
  })
  role.watched.canary = { collector: 0 }
  readiness.clear('starting')
  try {
    const reading = readOn(role, { topics: sources, intake })
    await Promise.race([sources.ended, untilStopped(role, reading, REREAD)])
  } finally {
    await untilLeft(role, sources.close())
  }
  if (!stop.aborted) await sources.ended
}

async function readOn(role: Role, inputs: Inputs): Promise<void> {
  let desk: Desk | undefined
  const sayBlind = createBlindLog({
    // Another collector may read what this one lacks.
    log: (level, message, fields) => role.log(level, message, { ...fields, of: 'what this collector reads' }),
    now: () => performance.now(),
  })
  for (let run = 0; !role.stop.aborted; ) {
    const laid = await layOut(role, inputs)
    if (desk === undefined || !isSameLayout(desk.laid, laid)) {
      await desk?.publishing
      desk = await openDesk(role, laid, { run: ++run, feeds: desk?.collector.feeds ?? [] })
      Object.assign(role.watched, { feeds: desk.collector.feeds, clock: desk.collector.clock })
    }
    role.readiness.beat()
    if (!(await turn(role, desk))) await pause(IDLE_MS, role.stop)
    sayBlind(desk.collector.feeds)
  }
  await desk?.publishing
}

interface Before {
  /** Number of the desk. */
  readonly run: number
  /** Feeds of the desk before: those that stay hold events that their source will not give again. */
  readonly feeds: readonly Feed[]
}

async function openDesk(role: Role, laid: LaidOut, before: Before): Promise<Desk> {
  const { config, clock, log } = role
  const feeds = laid.own.map(
    (source) => before.feeds.find((feed) => feed.source === source) ?? feedOf(role, source),
  )
  const collector = createCollector(feeds, {
    partitions: config.kafka.partitions.stream,
    latenessMs: config.analyzer.latenessMs,
    wallClock: clock,
  })
  log('info', 'reading', { sources: laid.own.map(({ name }) => name) })
  return {
    publisher: `${role.instance}/${before.run}`,
    collector,
    laid,
    known: await untilKnown(role),
    frontiers: new Map(),
    marks: [],
    markedAt: 0,
    publishing: Promise.resolve(),
  }
}

/** Brokers that are away are waited for: nothing can be read meanwhile. */
async function untilKnown(role: Role): Promise<readonly string[]> {
  const { readiness, stop } = role
  for (;;) {
    try {
      const known = await knownSources(role)
      readiness.clear('kafka-unreachable', 'partitions')
      return known
    } catch (error) {
      if (!isOutage(error) || stop.aborted) throw error
      readiness.set('kafka-unreachable', error.message, 'partitions')
      await pause(ASK_AGAIN_MS, stop)
    }
  }
}

function isSame(marks: readonly Mark[], before: readonly Mark[]): boolean {
  return JSON.stringify(marks) === JSON.stringify(before)
}

/** One round into the log. @returns false when there was nothing to read */
async function turn(role: Role, desk: Desk): Promise<boolean> {
  const { collector } = desk
  const behind = new Map<PartitionSource, number>()
  for (const source of desk.laid.told) {
    const offset = await readTold(collector, source, role.log)
    if (offset !== undefined) behind.set(source, offset)
  }
  const began = performance.now()
  const collected = await collect(collector)
  if (collected === undefined) tickIdle(collector)
  const round = collected ?? sealRound(collector) ?? { batches: [], rejects: [], endsHour: false }
  role.meter.onCollected({ rejects: round.rejects, tally: tallyEvents(round.batches) })
  const now = role.clock()
  const marks = marksOf(collector.feeds, desk.frontiers, { now, known: desk.known })
  const isNews = round.batches.length > 0 || !isSame(marks, desk.marks)
  if (!isNews && now - desk.markedAt < MARKS_EVERY_MS) return false
  noteHandedOver(desk, behind)
  await desk.publishing
  const batches = round.batches.length > 0 ? round.batches : seal(collector.packer, [])
  desk.publishing = publish(role, { ...round, batches }, { publisher: desk.publisher, at: now, marks }).then(
    (trace) => {
      for (const [source, offset] of behind) source.settle(offset)
      // Every publication is a canary: analyzers tell how far they have come by the clock of the collectors.
      role.watched.canary = { collector: now }
      if (collected !== undefined) role.meter.onStage('collector', (performance.now() - began) / 1000, trace)
    },
  )
  desk.publishing.catch(() => {})
  Object.assign(desk, { marks, markedAt: now })
  return collected !== undefined
}

/** How far what has been read is in this round or those before. */
function noteHandedOver({ collector, laid }: Desk, behind: Map<PartitionSource, number>): void {
  const handed = new Map<Source, number>()
  for (const feed of collector.feeds) {
    const { generation, offset } = positionOf(feed)
    if (generation === '') continue
    handed.set(feed.source, offset)
    if (isPartition(feed.source)) behind.set(feed.source, offset)
  }
  for (const { partition, doneBelow } of laid.intake) {
    const offset = doneBelow((sender) => handed.get(sender))
    if (offset !== undefined) behind.set(partition, offset)
  }
}
