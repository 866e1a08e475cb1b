import type { Update } from '../alerter/life.ts'
import type { Alerter } from '../alerter/main.ts'
import { positionsOf, restore, takeCheckpoint } from '../analyzer/engine/checkpoint.ts'
import type { Engine } from '../analyzer/engine/engine.ts'
import { type Collector, collect, sealRound, tellDecisions, tickIdle } from '../collector/collect.ts'
import type { Position } from '../domain/coordinate.ts'
import type { Finding } from '../domain/finding.ts'
import { generationNumber } from '../domain/generation.ts'
import type { CheckpointStore, IncidentStore, RejectStore } from '../domain/ports.ts'
import type { Reject } from '../domain/reject.ts'
import { incidentFacts } from './incident-facts.ts'
import { analyze, type Pipeline, tell } from './pipeline.ts'

/**
 * The whole product in one process: rounds of collecting, analyzing and alerting one after the other, and checkpoints
 * between them. A checkpoint is written only when all that was found before it is in the incident store, so a crash
 * at any place repeats work and loses none.
 */
export interface Station {
  readonly pipeline: Pipeline
  readonly alerter: Alerter
  readonly ports: StationPorts
  readonly epochs: number[]
  sequence: number
  nextDecision: number
}

export interface StationPorts {
  readonly checkpoints: CheckpointStore
  readonly incidents: IncidentStore
  readonly rejects: RejectStore
}

/** What one round did, for counters and a terminal. */
export interface StepReport {
  readonly findings: readonly Finding[]
  readonly updates: readonly Update[]
  readonly rejects: readonly Reject[]
  /** True when no source had anything, and only time went on. */
  readonly isIdle: boolean
}

/** Claims every partition and takes up its stored state. */
export async function claimAll(
  engines: readonly Engine[],
  checkpoints: CheckpointStore,
): Promise<{ epochs: number[]; sequence: number }> {
  const epochs: number[] = []
  let sequence = 0
  for (const engine of engines) {
    const claim = await checkpoints.claim(engine.options.partition)
    epochs.push(claim.epoch)
    if (claim.checkpoint === undefined) continue
    restore(engine, claim.checkpoint)
    sequence = claim.checkpoint.sequence
  }
  return { epochs, sequence }
}

/** Where each source must be read again so that no partition misses anything: the earliest of their positions. */
export function resumePositions(engines: readonly Engine[]): Map<string, Position> {
  const earliest = new Map<string, Position>()
  for (const position of engines.flatMap(positionsOf)) {
    const known = earliest.get(position.source)
    if (known === undefined || isBefore(position, known)) earliest.set(position.source, position)
  }
  return earliest
}

function isBefore(a: Position, b: Position): boolean {
  const generations = generationNumber(a.generation) - generationNumber(b.generation)
  return generations < 0 || (generations === 0 && a.offset < b.offset)
}

/** Event time goes on from where the state stands. */
export function resumeClock(collector: Collector, engines: readonly Engine[]): void {
  for (const { clock } of engines) {
    collector.clock.frontier = Math.max(collector.clock.frontier, clock.frontier)
    collector.clock.watermark = Math.max(collector.clock.watermark, clock.watermark)
  }
}

const DECISIONS_AT_ONCE = 1000

/** One round; undefined when there was nothing to do. */
export async function step(station: Station): Promise<StepReport | undefined> {
  const { pipeline, ports } = station
  const decisions = await ports.incidents.decisionsFrom(station.nextDecision, DECISIONS_AT_ONCE)
  tellDecisions(
    pipeline.collector,
    decisions.map(({ decision }) => decision),
  )
  station.nextDecision = (decisions.at(-1)?.offset ?? station.nextDecision - 1) + 1
  let round = await collect(pipeline.collector)
  const isIdle = round === undefined
  if (round === undefined) {
    tickIdle(pipeline.collector)
    round = sealRound(pipeline.collector)
  }
  if (round === undefined) return undefined
  await ports.rejects.keep(round.rejects)
  const report = await alert(station, analyze(pipeline, round))
  return { ...report, rejects: round.rejects, isIdle }
}

/** Takes findings into incidents, and tells the analyzers of incidents, until nothing new follows. */
export async function alert(
  station: Station,
  first: readonly Finding[],
): Promise<Pick<StepReport, 'findings' | 'updates'>> {
  const { pipeline, alerter } = station
  const time = pipeline.collector.clock.frontier
  const findings: Finding[] = []
  const updates: Update[] = []
  const apply = async (changed: readonly Update[]) => {
    updates.push(...changed)
    return tell(pipeline, incidentFacts(changed))
  }
  let next = first
  while (next.length > 0) {
    findings.push(...next)
    next = await apply((await alerter.accept(next, time)).updates)
  }
  for (let more = await apply((await alerter.tick(time)).updates); more.length > 0; ) {
    findings.push(...more)
    more = await apply((await alerter.accept(more, time)).updates)
  }
  return { findings, updates }
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
  const sequence = station.sequence + 1
  let bytes = 0
  for (const [partition, engine] of station.pipeline.engines.entries()) {
    const changed = takeCheckpoint(engine, sequence)
    for (const page of changed.pages.values()) bytes += page.length
    const answer = await station.ports.checkpoints.save(partition, station.epochs[partition], changed)
    if (answer === 'fenced')
      throw new FencedError(
        `another process has taken over partition ${partition} of this data folder: this one stops`,
      )
  }
  station.sequence = sequence
  return bytes
}
