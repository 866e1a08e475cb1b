import { type Engine, takeOutput } from '../analyzer/engine/engine.ts'
import { finish, processBatch } from '../analyzer/engine/process.ts'
import { type Collector, type Round, sealRound, tellFacts } from '../collector/collect.ts'
import type { EventBatch } from '../domain/batch.ts'
import type { Fact } from '../domain/decision.ts'
import type { Finding } from '../domain/finding.ts'

/**
 * Collector and analyzers of one process: the stream between them is a call. Facts that analyzers emit go back in
 * through the collector before anything else, so a checkpoint never stands between a fact and its effect on the others.
 */
export interface Pipeline {
  readonly collector: Collector
  readonly engines: readonly Engine[]
  /** Sees each batch of calls with the scores of its rows. */
  readonly onScores?: (batch: EventBatch, scores: Float32Array) => void
}

/** Takes one round in; gives what the detectors found. */
export function analyze(pipeline: Pipeline, round: Round): Finding[] {
  const findings: Finding[] = []
  for (let next: Round | undefined = round; next !== undefined; next = sealFacts(pipeline)) {
    for (const batch of next.batches) takeBatch(pipeline, batch)
    findings.push(...takeFindings(pipeline))
  }
  return findings
}

function takeBatch(pipeline: Pipeline, batch: EventBatch): void {
  const engine = pipeline.engines[batch.partition]
  if (pipeline.onScores === undefined) return processBatch(engine, batch)
  const scores = new Float32Array(batch.rows)
  processBatch(engine, batch, scores)
  pipeline.onScores(batch, scores)
}

/** Findings so far; facts are packed for all partitions. */
function takeFindings({ collector, engines }: Pipeline): Finding[] {
  return engines.flatMap((engine) => {
    const { findings, facts } = takeOutput(engine)
    tellFacts(collector, facts)
    return findings
  })
}

function sealFacts({ collector }: Pipeline): Round | undefined {
  return sealRound(collector)
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
  return takeFindings(pipeline)
}
