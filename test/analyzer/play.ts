import { type Engine, takeFacts } from '../../analyzer/engine/engine.ts'
import { processBatch } from '../../analyzer/engine/process.ts'
import { openEngines } from '../../cli/engines.ts'
import { EXTENSIONS } from '../../cli/extensions.ts'
import { analyze, finishAll, type Pipeline } from '../../cli/pipeline.ts'
import {
  type Collector,
  collect,
  createCollector,
  type Round,
  sealRound,
  tellFacts,
} from '../../collector/collect.ts'
import { createFeed } from '../../collector/feed.ts'
import type { EventBatch } from '../../domain/batch.ts'
import { readConfig } from '../../domain/config/read.ts'
import type { Config } from '../../domain/config/schema.ts'
import type { Finding } from '../../domain/finding.ts'
import type { Source } from '../../domain/ports.ts'
import { testContext } from '../raw-record.ts'

/** The configuration that a YAML text gives. */
export function configOf(yaml = ''): Config {
  const result = readConfig(yaml, 'test', EXTENSIONS)
  if ('config' in result) return result.config
  throw new Error(JSON.stringify(result.problems))
}

export function collectorOf(sources: readonly Source[], config: Config): Collector {
  const feeds = sources.map((source) => createFeed(source, 'auto', { ...testContext(), source: source.name }))
  return createCollector(feeds, {
    partitions: config.stream.partitions,
    latenessMs: config.analyzer.latenessMs,
  })
}

/** What a whole run found, and the engines as they are afterwards. */
export interface Played {
  readonly findings: readonly Finding[]
  readonly engines: readonly Engine[]
}

/** Sources through collector and analyzers to their end. */
export async function play(sources: readonly Source[], config = configOf()): Promise<Played> {
  const collector = collectorOf(sources, config)
  const pipeline: Pipeline = { collector, engines: openEngines(config) }
  const findings: Finding[] = []
  for (let round = await collect(collector); round !== undefined; round = await collect(collector))
    findings.push(...analyze(pipeline, round))
  findings.push(...finishAll(pipeline))
  return { findings, engines: pipeline.engines }
}

/** The log of the first stream partition, facts of its analyzer among the rows, in batches that may be kept. */
export async function recordStream(sources: readonly Source[], config = configOf()): Promise<EventBatch[]> {
  const collector = collectorOf(sources, config)
  const [engine] = openEngines(config)
  const log: EventBatch[] = []
  for (let round = await collect(collector); round !== undefined; round = await collect(collector))
    for (let next: Round | undefined = round; next !== undefined; next = sealRound(collector)) {
      const batch = copyOf(next.batches[0])
      log.push(batch)
      processBatch(engine, batch)
      tellFacts(collector, takeFacts(engine))
    }
  return log
}

function copyOf(batch: EventBatch): EventBatch {
  return sliceOf(batch, 0, batch.rows, (column) => column.slice())
}

/** The same rows in batches of at most `rows`; the last one of a batch brings its positions. */
export function repacked(log: readonly EventBatch[], rows: number): EventBatch[] {
  return log.flatMap((batch) => {
    const starts = Array.from({ length: Math.max(1, Math.ceil(batch.rows / rows)) }, (_, i) => i * rows)
    return starts.map((from) => {
      const to = Math.min(batch.rows, from + rows)
      const slice = sliceOf(batch, from, to, (column) => column.subarray(from, to))
      return to === batch.rows ? slice : { ...slice, positions: [] }
    })
  })
}

function sliceOf(
  batch: EventBatch,
  from: number,
  to: number,
  cut: (column: Float64Array) => Float64Array,
): EventBatch {
  const columns = Object.entries(batch.columns).map(([name, column]) => [name, cut(column as Float64Array)])
  return { ...batch, rows: to - from, columns: Object.fromEntries(columns) }
}
