import { placeIn, stepCheckpoint, stepRestore } from '../../analyzer/engine/checkpoint.ts'
import { type Engine, takeFacts, takeFindings } from '../../analyzer/engine/engine.ts'
import { processRows } from '../../analyzer/engine/process.ts'
import { type View, viewOf } from '../../analyzer/engine/rows.ts'
import { stepHearing } from '../../analyzer/engine/told.ts'
import type { JudgedBatch } from '../../analyzer/judged-batch.ts'
import {
  type Base,
  createSequencer,
  nextRun,
  pushBatch,
  type Run,
  type Sequencer,
} from '../../analyzer/sequencer.ts'
import type { Finding } from '../../domain/finding.ts'
import type { Checkpoint, CheckpointStore } from '../../domain/ports.ts'
import type { TraceContext } from '../../domain/trace.ts'
import { CANARY_EVERY_MS } from '../canary.ts'
import { openEngine } from '../engines.ts'
import { findingPartition, findingRecord, frontierRecord } from './finding-log.ts'
import type { HourFacts } from './hour-facts.ts'
import { MOST_LINKS } from './links.ts'
import type { Role } from './role.ts'
import { stepInTurns, type Turns } from './turns.ts'

/** One stream partition as its analyzer has it in memory. */
export interface StreamPartition {
  readonly partition: number
  readonly engine: Engine
  readonly sequencer: Sequencer
  readonly views: WeakMap<JudgedBatch, View>
  readonly epoch: number
  /** Of the last checkpoint. */
  sequence: number
  /** Offset of the next batch to take. */
  next: number
  /** Hour in which it last told the others something. */
  toldHour: number
  /** The same in what is stored. */
  keptHour: number
  storedAt: number
  saidFrontierAt: number
  saidFrontier: number
  /** Clock of the collectors up to which all is judged and said, epoch ms. */
  canary: number
  /** Spans of the batches that came since the last were judged. */
  links: TraceContext[]
  saving: Promise<void> | undefined
  /** It waits for the facts of the others. */
  isHearing: boolean
  working: Promise<void> | undefined
  isLost: boolean
}

/** What partitions of one process work with. */
export interface Hall {
  readonly role: Role
  readonly checkpoints: CheckpointStore
  readonly facts: HourFacts
  readonly turns: Turns
  /** Everything below the offset need not be read again. */
  settle(partition: StreamPartition, offset: number): void
  /** Another process has claimed it, or the store was rolled back. */
  onFenced(partition: StreamPartition): void
  /** Writes to the stores go through it: it waits until a store takes them. */
  readonly persist: <Result>(write: () => Promise<Result>) => Promise<Result>
}

const MOST_WAITING_ROWS = 1_000_000
/** Rows that are processed before other work gets a turn: most batches are no longer. */
const ROWS_AT_ONCE = 32_768
const FRONTIER_EVERY_MS = 5000

interface Place {
  readonly base: Base
  readonly toldHour: number
}

/** Claims the partition and takes up what is stored of it. */
export async function claimPartition(hall: Hall, partition: number, first: number): Promise<StreamPartition> {
  const { config } = hall.role
  const engine = openEngine(config, partition, config.kafka.partitions.stream)
  const { epoch, checkpoint } = await hall.persist(() => hall.checkpoints.claim(partition))
  if (checkpoint !== undefined) await stepInTurns(hall.turns, stepRestore(engine, checkpoint))
  const place = checkpoint === undefined ? undefined : (placeIn(checkpoint) as Place)
  const base = place?.base ?? { offset: first, at: 0, hour: 0, sources: [], reached: [] }
  const options = { latenessMs: config.analyzer.latenessMs, mostWaiting: MOST_WAITING_ROWS }
  return {
    partition,
    engine,
    sequencer: createSequencer(options, base),
    views: new WeakMap(),
    epoch,
    sequence: checkpoint?.sequence ?? 0,
    next: base.offset,
    toldHour: place?.toldHour ?? 0,
    keptHour: place?.toldHour ?? 0,
    storedAt: performance.now(),
    saidFrontierAt: 0,
    saidFrontier: 0,
    canary: base.at,
    links: [],
    saving: undefined,
    isHearing: false,
    working: undefined,
    isLost: false,
  }
}

/** Takes one batch of the log; {@link work} does the rest. */
export function takeIn(
  at: StreamPartition,
  offset: number,
  { batch, links }: { readonly batch: JudgedBatch; readonly links: readonly TraceContext[] },
): void {
  if (offset < at.next) return
  if (at.links.length < MOST_LINKS) at.links.push(...links)
  pushBatch(at.sequencer, offset, batch)
  at.next = offset + 1
}

/**
 * Lets out and processes what can be, and stores the state when it is time. Resolves when nothing is left to do now. No
 * more is begun once the role is told to stop.
 */
export function work(hall: Hall, at: StreamPartition): Promise<void> {
  if (hall.role.stop.aborted) return at.working ?? Promise.resolve()
  at.working ??= workOn(hall, at).finally(() => {
    at.working = undefined
  })
  return at.working
}

async function workOn(hall: Hall, at: StreamPartition): Promise<void> {
  const first = nextRun(at.sequencer)
  if (first !== undefined && !at.isLost) await judge(hall, at, first)
  sayForced(hall, at)
  if (at.isLost) return
  at.canary = at.sequencer.base.at
  await sayFrontier(hall, at)
  await storeWhenDue(hall, at)
}

/** All runs that can be let out now. */
function judge(hall: Hall, at: StreamPartition, first: Run): Promise<void> {
  const { tracer, stop } = hall.role
  const attributes = { 'meshwatch.partition': at.partition }
  return tracer.span('analyze', { attributes, links: at.links.splice(0) }, async (span) => {
    const began = performance.now()
    let [rows, found] = [0, 0]
    for (let run: Run | undefined = first; run !== undefined && !at.isLost; ) {
      await process(hall, at, run)
      const findings = takeFindings(at.engine)
      await say(hall, at, findings)
      if (run.endsHour) await hear(hall, at)
      await storeWhenDue(hall, at)
      rows += run.to - run.from
      found += findings.length
      hall.role.meter.onFindings(findings)
      run = stop.aborted ? undefined : nextRun(at.sequencer)
    }
    hall.role.meter.onStage('analyzer', (performance.now() - began) / 1000)
    span.set({ 'meshwatch.rows': rows, 'meshwatch.findings': found })
  })
}

async function process({ turns }: Hall, at: StreamPartition, { batch, from, to }: Run): Promise<void> {
  const view = at.views.get(batch) ?? viewOf(at.engine, batch)
  at.views.set(batch, view)
  const some = (next: number) =>
    processRows(at.engine, view, { from: next, to: Math.min(to, next + ROWS_AT_ONCE) })
  some(from)
  for (let next = from + ROWS_AT_ONCE; next < to; next += ROWS_AT_ONCE) await turns(() => some(next))
}

/** Findings are in their log before anything that follows from them is stored. */
async function say({ role }: Hall, at: StreamPartition, findings: readonly Finding[]): Promise<void> {
  if (findings.length === 0) return
  const { producer, topics, config } = role
  const byPartition = Map.groupBy(
    findings.filter(({ withinBudget }) => withinBudget),
    (finding) => findingPartition(finding, config.kafka.partitions.findings),
  )
  const headers = role.tracer.inject()
  await Promise.all(
    [...byPartition].map(([partition, some]) =>
      producer.append(
        topics.findings.topic,
        partition,
        some.map((finding) => ({ ...findingRecord(finding), headers })),
      ),
    ),
  )
  role.log('info', 'found', { partition: at.partition, findings: findings.length })
}

/** Rows that could not wait for a source that is far behind were judged before it: its own will be late. */
function sayForced({ role }: Hall, at: StreamPartition): void {
  const { forced } = at.sequencer
  if (forced === 0) return
  role.log('warn', 'too many rows waited for a source that is far behind', {
    partition: at.partition,
    runs: forced,
  })
  at.sequencer.forced = 0
}

/** An hour ends: what this partition has to tell, and what the others have. */
async function hear(hall: Hall, at: StreamPartition): Promise<void> {
  const { hour } = at.sequencer
  const { partition, toldHour: previous, keptHour: kept } = at
  const asking = { partition, hour, previous, kept, facts: takeFacts(at.engine), isLost: () => at.isLost }
  at.isHearing = true
  try {
    let heard = await hall.facts.exchange(asking)
    while (heard === 'forgotten' && (await isOurs(hall, at))) {
      hall.facts.recall(previous)
      heard = await hall.facts.exchange(asking)
    }
    if (heard === 'forgotten') return
    // The next process judges the hour again and waits anew: stored without what is missing, it would never hear it.
    if (heard === 'stopped') at.isLost = true
    else await stepInTurns(hall.turns, stepHearing(at.engine, heard))
  } finally {
    at.isHearing = false
  }
  at.toldHour = hour
}

/** Another process seems to have gone on with the partition: the store knows. */
async function isOurs(hall: Hall, at: StreamPartition): Promise<boolean> {
  await at.saving
  await store(hall, at)
  return !at.isLost
}

async function sayFrontier({ role }: Hall, at: StreamPartition): Promise<void> {
  const { frontier } = at.engine.clock
  const now = performance.now()
  const everyMs = frontier > at.saidFrontier ? FRONTIER_EVERY_MS : CANARY_EVERY_MS
  if (now - at.saidFrontierAt < everyMs) return
  Object.assign(at, { saidFrontier: frontier, saidFrontierAt: now })
  const record = frontierRecord(at.partition, { frontier, canary: at.canary })
  const { findings } = role.topics
  for (let partition = 0; partition < findings.partitions; partition++)
    await role.producer.append(findings.topic, partition, [record])
}

async function storeWhenDue(hall: Hall, at: StreamPartition): Promise<void> {
  if (at.saving !== undefined || at.isLost) return
  if (performance.now() - at.storedAt < hall.role.config.analyzer.checkpointEveryMs) return
  const kept = await takeState(hall, at)
  at.saving = save(hall, at, kept).finally(() => {
    at.saving = undefined
  })
  at.saving.catch(() => {})
}

/** Stores what changed. Nothing of the partition may be judged until it is over. */
export async function store(hall: Hall, at: StreamPartition): Promise<void> {
  await save(hall, at, await takeState(hall, at))
}

/** What is to be stored, and the place in the log that it is of. */
interface Kept {
  readonly changed: Checkpoint
  readonly place: Place
}

/**
 * Copies what changed, in turn with other partitions; its own judging waits, so that all is of one place in the log.
 * Pages that were copied while it goes on would hold rows that are read again behind that place.
 */
async function takeState(hall: Hall, at: StreamPartition): Promise<Kept> {
  at.storedAt = performance.now()
  const base = { ...at.sequencer.base, hour: at.sequencer.hour }
  const place: Place = { base, toldHour: at.toldHour }
  const changed = await stepInTurns(hall.turns, stepCheckpoint(at.engine, ++at.sequence, place))
  return { changed, place }
}

/** Writes it, while the work may go on. */
async function save(hall: Hall, at: StreamPartition, { changed, place }: Kept): Promise<void> {
  if (at.isLost) return
  const { partition, epoch } = at
  const answer = await hall.persist(() => hall.checkpoints.save({ partition, epoch, changed }))
  if (answer !== 'saved') return hall.onFenced(at)
  at.keptHour = place.toldHour
  hall.settle(at, place.base.offset)
}
