import { JUDGED_COLUMNS } from '../../analyzer/judged-batch.ts'
import { maskSecrets } from '../../collector/mask.ts'
import { type BatchFault, decodeBatch } from '../../io/batch-codec.ts'
import type { LogRecord, TakenBatch } from '../../io/kafka-group.ts'
import { worldError } from '../../io/world-error.ts'
import { furthestBehind } from '../canary.ts'
import { meteredCheckpoints } from '../metered-checkpoints.ts'
import { persistent } from '../persist.ts'
import { openHourFacts } from './hour-facts.ts'
import { linksOf } from './links.ts'
import { type OwnPartitions, openOwnPartitions } from './own-partitions.ts'
import { keepRejects } from './publish.ts'
import { pause, type Role, stopped } from './role.ts'
import { openStores } from './stores.ts'
import { claimPartition, type Hall, type StreamPartition, store, takeIn, work } from './stream-partition.ts'
import { openTurns } from './turns.ts'
import { untilLeft, untilStopped } from './until-stopped.ts'

const REDONE = 'what is not stored yet is worked out again by the next start'

/** Rows that wait in memory for their turn before no more of the partition is fetched. */
const MOST_WAITING_ROWS = 300_000
const TURN_EVERY_MS = 250
/** Of a record of the stream that is no batch. */
const MOST_KEPT_BYTES = 65_536

interface Analyzer {
  readonly hall: Hall
  readonly own: OwnPartitions<StreamPartition>
  /** Those that are not fetched because their rows wait. */
  readonly held: Set<number>
  readonly fail: (error: unknown) => void
}

/** Judges the stream partitions that this process is given, until stopped. Rejects when it cannot go on. */
export async function runAnalyzer(role: Role): Promise<void> {
  const persist = persistent(role)
  const redis = await openStores(role, persist)
  const facts = openHourFacts(role)
  const failure = Promise.withResolvers<never>()
  const { topic } = role.topics.stream
  const analyzer: Analyzer = {
    own: openOwnPartitions(role, {
      topic: 'stream',
      claim: (partition, first) => claimPartition(analyzer.hall, partition, first),
      isNew: ({ sequence }) => sequence === 0,
      // With a gap in its log it would know less than it says.
      whenGone: 'halt',
      take: (at, batch, goesOn) => take(analyzer, at, { batch, goesOn }),
      words: {
        stateGone: 'the state of a partition is gone from Redis: it is learned anew',
        recordsGone: 'batches of the stream are gone',
      },
    }),
    held: new Set(),
    fail: failure.reject,
    hall: {
      role,
      checkpoints: meteredCheckpoints(role.ports.checkpoints(redis), role.meter),
      facts,
      turns: openTurns(),
      persist,
      settle: ({ partition }, offset) => analyzer.own.consumer.settle({ topic, partition, offset }),
      onFenced: (at) => analyzer.own.overtaken(at),
    },
  }
  role.readiness.clear('starting')
  const turns = setInterval(() => turn(analyzer), TURN_EVERY_MS)
  try {
    await Promise.race([analyzer.own.consumer.ended, facts.ended, failure.promise, stopped(role.stop)])
    await untilStopped(role, storeAll(analyzer), REDONE)
  } finally {
    clearInterval(turns)
    await untilLeft(role, Promise.all([analyzer.own.consumer.close(), facts.close()]))
    redis.close()
  }
}

interface Taking {
  readonly batch: TakenBatch
  readonly goesOn: () => boolean
}

async function take(analyzer: Analyzer, at: StreamPartition, { batch, goesOn }: Taking): Promise<void> {
  const { hall, own, held } = analyzer
  for (const record of batch.records) {
    const fault = await hall.turns(() => (goesOn() ? takeRecord(analyzer, at, record) : undefined))
    if (fault !== undefined) await refuse(hall.role, at.partition, { record, fault })
    while (!at.isHearing && at.working !== undefined && goesOn())
      await Promise.race([at.working.catch(() => {}), pause(50, hall.role.stop)])
  }
  if (at.sequencer.waiting < MOST_WAITING_ROWS) return
  held.add(at.partition)
  own.consumer.hold(batch.topic, at.partition)
}

/** Takes the batch in a record, and begins to judge it. @returns why the record is none */
function takeRecord(analyzer: Analyzer, at: StreamPartition, record: LogRecord): BatchFault | undefined {
  const { hall, fail } = analyzer
  const decoded = decodeBatch(record.value ?? new Uint8Array(), JUDGED_COLUMNS)
  if (!decoded.ok) return decoded.reason
  takeIn(at, record.offset, { batch: decoded.batch, links: linksOf(hall.role, [record]) })
  work(hall, at).catch(fail)
  return undefined
}

interface Refused {
  readonly record: LogRecord
  readonly fault: BatchFault
}

/**
 * Keeps what is no batch in the rejects, to be passed over. What calls itself a batch of another version ends the analyzer
 * on purpose, forged or not: the two cannot be told apart, and to leave rows of another release out would be to lose
 * them. So who can write to the topic can stop the watch, and the rights to it are what guards against that.
 * @throws WorldError `stream-version`
 */
async function refuse(role: Role, partition: number, { record, fault }: Refused): Promise<void> {
  const { offset, value } = record
  if (fault === 'unknown-version')
    throw worldError(
      'stream-version',
      `record ${offset} of stream partition ${partition} is of another release: read it with the release that wrote it, or rebuild`,
    )
  const { topic } = role.topics.stream
  role.log('error', 'a record of the stream is no batch: it is kept in the rejects', {
    partition,
    offset,
    fault,
  })
  role.meter.metrics.count('rejects_total', { reason: 'not-a-batch' })
  const place = { source: `${topic}/${partition}`, generation: '', offset, line: 0 }
  const bytes = value ?? new Uint8Array()
  // Masked as a whole: a secret that is cut would not be recognised.
  const kept = maskSecrets(bytes).subarray(0, MOST_KEPT_BYTES)
  await keepRejects(role, [{ reason: 'not-a-batch', ...place, length: bytes.length, bytes: kept }])
}

/** What the metrics of the role are read from. */
function watch({ watched, meter }: Role, partitions: readonly StreamPartition[]): void {
  watched.engines = partitions.map(({ engine }) => engine)
  watched.canary = { analyzer: furthestBehind(partitions.map(({ canary }) => canary)) }
  meter.onEngines()
}

/** What is due while nothing comes. */
function turn(analyzer: Analyzer): void {
  const { hall, own, held } = analyzer
  hall.role.readiness.beat()
  watch(hall.role, own.all())
  hall.facts.own(new Set(own.all().map(({ partition }) => partition)))
  for (const at of own.all()) {
    void work(hall, at).catch(analyzer.fail)
    if (!held.has(at.partition) || at.sequencer.waiting > MOST_WAITING_ROWS / 2) continue
    held.delete(at.partition)
    own.consumer.release(hall.role.topics.stream.topic, at.partition)
  }
}

/** The next process, or the next start, goes on from here. */
async function storeAll({ hall, own }: Analyzer): Promise<void> {
  for (const at of own.all()) {
    await at.working
    await at.saving
    if (!at.isLost) await store(hall, at)
  }
}
