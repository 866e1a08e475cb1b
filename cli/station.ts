import type { Update } from '../alerter/life.ts'
import type { Alerter } from '../alerter/main.ts'
import { takeCheckpoint } from '../analyzer/engine/checkpoint.ts'
import { collect, type Round, sealRound, tellDecisions, tickIdle } from '../collector/collect.ts'
import { seal } from '../collector/pack.ts'
import type { Fact } from '../domain/decision.ts'
import type { Finding } from '../domain/finding.ts'
import type { IncidentStore, JointCheckpointStore, RejectStore } from '../domain/ports.ts'
import type { Reject } from '../domain/reject.ts'
import type { TraceContext, Tracer } from '../domain/trace.ts'
import type { Canary } from './canary.ts'
import { type EventTally, tallyEvents } from './event-tally.ts'
import { analyze, frontierOf, type Pipeline, tell } from './pipeline.ts'

/**
 * The whole product in one process: rounds of collecting, analyzing and alerting one after the other, and checkpoints
 * between them. A checkpoint is written only when all that was found before it is in the incident store, so a crash
 * at any place repeats work and loses none.
 */
export interface Station {
  readonly pipeline: Pipeline
  readonly alerter: Alerter
  readonly ports: StationPorts
  /** Facts that follow from changed incidents, until the next round tells them. */
  readonly facts: Fact[]
  /** Of each partition. */
  readonly epochs: readonly number[]
  /** Of the last checkpoint. */
  sequence: number
  nextDecision: number
  /** Writes to the stores go through it: it may wait until a store takes them. */
  readonly persist: <Result>(write: () => Promise<Result>) => Promise<Result>
  readonly tracer: Tracer
  readonly canary: Canary
}

export interface StationPorts {
  readonly checkpoints: JointCheckpointStore
  readonly incidents: IncidentStore
  readonly rejects: RejectStore
}

/** What one round did, for counters and a terminal. */
export interface StepReport {
  readonly findings: readonly Finding[]
  readonly updates: readonly Update[]
  readonly rejects: readonly Reject[]
  readonly tally: EventTally
  /** Time that each stage took; of those only that had something to do. */
  readonly stages: readonly StageTime[]
  /** True when no source had anything, and only time went on. */
  readonly isIdle: boolean
  /** Where the span of the round stands. */
  readonly trace?: TraceContext
}

interface StageTime {
  readonly stage: 'collector' | 'analyzer' | 'alerter'
  readonly seconds: number
}

const DECISIONS_AT_ONCE = 1000

/** One round; undefined when there was nothing to do. */
export function step(station: Station): Promise<StepReport | undefined> {
  return station.tracer.span('round', {}, async (span) => {
    const report = await runRound(station)
    if (report === undefined || saysNothing(report)) span.drop()
    return report
  })
}

const saysNothing = ({ isIdle, findings, updates }: StepReport) =>
  isIdle && findings.length === 0 && updates.length === 0

async function runRound(station: Station): Promise<StepReport | undefined> {
  const { pipeline, ports, canary } = station
  await takeDecisions(station)
  const lap = stopwatch()
  const stamp = canary.send()
  const collected = await traceCollect(station)
  if (collected === undefined) tickIdle(pipeline.collector)
  const round = collected ?? sealRound(pipeline.collector) ?? emptyRound(pipeline, stamp)
  if (round === undefined) return undefined
  const { rejects } = round
  const tally = tallyEvents(round.batches)
  if (rejects.length > 0) await station.persist(() => ports.rejects.keep(rejects))
  canary.pass('collector', stamp)
  const [isIdle, collector] = [collected === undefined, lap()]
  const first = traceAnalyze(station, round, isIdle)
  canary.pass('analyzer', stamp)
  const analyzer = lap()
  const alerted = await alert(station, first)
  canary.pass('alerter', stamp)
  const read: StageTime[] = [
    { stage: 'collector', seconds: collector },
    { stage: 'analyzer', seconds: analyzer },
  ]
  const said: StageTime[] = [{ stage: 'alerter', seconds: lap() }]
  const isSilent = alerted.findings.length + alerted.updates.length === 0
  const stages = [...(isIdle ? [] : read), ...(isSilent ? [] : said)]
  return { ...alerted, rejects, tally, stages, isIdle, trace: station.tracer.inject() }
}

/** Seconds since the last call. */
function stopwatch(): () => number {
  let at = performance.now()
  return () => {
    const before = at
    at = performance.now()
    return (at - before) / 1000
  }
}

/** While there is nothing to read, a canary comes through every partition in a round of its own. */
function emptyRound({ collector }: Pipeline, stamp: number | undefined): Round | undefined {
  if (stamp === undefined) return undefined
  return { batches: seal(collector.packer, []), rejects: [], endsHour: false }
}

function traceCollect({ pipeline, tracer }: Station): Promise<Round | undefined> {
  return tracer.span('collect', {}, async (span) => {
    const round = await collect(pipeline.collector)
    if (round === undefined) span.drop()
    else span.set({ 'meshwatch.rows': rowsOf(round), 'meshwatch.rejects': round.rejects.length })
    return round
  })
}

const rowsOf = ({ batches }: Round) => batches.reduce((sum, { rows }) => sum + rows, 0)

function traceAnalyze({ pipeline, tracer }: Station, round: Round, isIdle: boolean): Finding[] {
  return tracer.span('analyze', {}, (span) => {
    const findings = analyze(pipeline, round)
    if (isIdle && findings.length === 0) span.drop()
    else span.set({ 'meshwatch.rows': rowsOf(round), 'meshwatch.findings': findings.length })
    return findings
  })
}

async function takeDecisions(station: Station): Promise<void> {
  const { pipeline, ports, nextDecision } = station
  const made = await station.persist(() => ports.incidents.decisionsFrom(nextDecision, DECISIONS_AT_ONCE))
  tellDecisions(
    pipeline.collector,
    made.map(({ decision }) => decision),
  )
  station.nextDecision = (made.at(-1)?.offset ?? nextDecision - 1) + 1
}

/** Takes findings into incidents, and tells the analyzers of incidents, until nothing new follows. */
async function alert(station: Station, first: readonly Finding[]): Promise<Alerted> {
  const findings: Finding[] = []
  const updates: Update[] = []
  let next = first
  do {
    findings.push(...next)
    updates.push(...(await traceAlert(station, next)))
    next = tell(station.pipeline, station.facts.splice(0))
  } while (next.length > 0)
  return { findings, updates }
}

type Alerted = Pick<StepReport, 'findings' | 'updates'>

function traceAlert(station: Station, findings: readonly Finding[]): Promise<Update[]> {
  const { pipeline, alerter, persist, tracer } = station
  return tracer.span('alert', {}, async (span) => {
    const { updates: said } = await persist(() => alerter.accept(findings))
    const { updates: ended } = await persist(() => alerter.tick(frontierOf(pipeline)))
    const updates = [...said, ...ended]
    if (findings.length + updates.length === 0) span.drop()
    else span.set({ 'meshwatch.findings': findings.length, 'meshwatch.incidents': updates.length })
    return updates
  })
}

/** Somebody else claimed a partition: this process must stop, its memory is no longer the truth. */
export class FencedError extends Error {
  readonly code = 'fenced'
}

/**
 * Stores what changed since the last checkpoint.
 * @returns bytes written
 * @throws FencedError when another process has claimed a partition
 */
export async function checkpoint(station: Station): Promise<number> {
  const sequence = ++station.sequence
  const changes = station.pipeline.engines.map((engine, partition) => ({
    partition,
    epoch: station.epochs[partition],
    changed: takeCheckpoint(engine, sequence),
  }))
  const answer = await station.persist(() => station.ports.checkpoints.saveAll(changes))
  if (answer === 'fenced')
    throw new FencedError('another process has taken over this data folder: this one stops')
  const pages = changes.flatMap(({ changed }) => [...changed.pages.values()])
  return pages.reduce((sum, page) => sum + page.length, 0)
}
