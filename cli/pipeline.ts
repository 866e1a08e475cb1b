import { type Engine, takeFacts, takeFindings } from '../analyzer/engine/engine.ts'
import { finish, processBatch } from '../analyzer/engine/process.ts'
import { type Collector, type Round, sealRound, tellFacts } from '../collector/collect.ts'
import type { EventBatch } from '../domain/batch.ts'
import type { Fact } from '../domain/decision.ts'
import type { Finding } from '../domain/finding.ts'

/**
 * Collector and analyzers of one process: the stream between them is a call. Facts go from analyzer to analyzer through
 * the collector, where an hour of event time ends: at a place that does not depend on how fast a source is read.
 */
export interface Pipeline {
  readonly collector: Collector
  readonly engines: readonly Engine[]
  /** Sees each batch of calls with the scores of its rows. */
  readonly onScores?: (batch: EventBatch, scores: Float32Array) => void
}

/** Takes one round in; gives what the detectors found. */
export function analyze(pipeline: Pipeline, round: Round): Finding[] {
  for (const batch of round.batches) takeBatch(pipeline, batch)
  if (round.endsHour) exchangeFacts(pipeline)
  return pipeline.engines.flatMap(takeFindings)
}

/** Tells every partition what the others have said in the hour. */
function exchangeFacts({ collector, engines }: Pipeline): void {
  const facts = engines.flatMap(takeFacts)
  if (engines.length === 1) return
  tellFacts(collector, facts)
  for (const batch of sealRound(collector)?.batches ?? []) processBatch(engines[batch.partition], batch)
}

function takeBatch(pipeline: Pipeline, batch: EventBatch): void {
  const engine = pipeline.engines[batch.partition]
  if (pipeline.onScores === undefined) return processBatch(engine, batch)
  const scores = new Float32Array(batch.rows)
  processBatch(engine, batch, scores)
  pipeline.onScores(batch, scores)
}

/** Tells every partition facts that did not come from an analyzer, and gives what follows from them. */
export function tell(pipeline: Pipeline, facts: readonly Fact[]): Finding[] {
  if (facts.length === 0) return []
  tellFacts(pipeline.collector, facts)
  const round = sealRound(pipeline.collector)
  return round === undefined ? [] : analyze(pipeline, round)
}

/** Newest event time that every analyzer has come to, epoch ms. */
export function frontierOf({ engines }: Pipeline): number {
  return Math.min(...engines.map(({ clock }) => clock.frontier))
}

/** Nothing more will come: what detectors still held back. */
export function finishAll(pipeline: Pipeline): Finding[] {
  for (const engine of pipeline.engines) finish(engine)
  return pipeline.engines.flatMap(takeFindings)
}
