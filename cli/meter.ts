import type { Committed } from '../alerter/commit.ts'
import type { AttemptReport, Send } from '../alerter/deliver.ts'
import type { Engine } from '../analyzer/engine/engine.ts'
import { detectors } from '../analyzer/registry.ts'
import type { CollectorClock } from '../collector/collect.ts'
import type { Feed } from '../collector/feed.ts'
import { PARSERS } from '../collector/registry.ts'
import type { Config } from '../domain/config/schema.ts'
import type { Finding } from '../domain/finding.ts'
import type { IncidentStore } from '../domain/ports.ts'
import type { Reject } from '../domain/reject.ts'
import { NO_TRACER, sampledTraceId, type TraceContext, type Tracer } from '../domain/trace.ts'
import { PARTS, type Part, STAGES, type Stage, type StoreName } from '../io/metric-catalogue.ts'
import { Metrics } from '../io/metrics.ts'
import { CANARY_STAGES, type CanaryStamps } from './canary.ts'
import { countAttempt, countChange, countFindings } from './count-alerts.ts'
import { engineCounter } from './count-engines.ts'
import { configuredNames, countFeeds, type SeenCounts } from './count-feeds.ts'
import type { EventTally } from './event-tally.ts'
import { meteredStore } from './metered-store.ts'
import { createNewEdges } from './new-edges.ts'
import type { Pipeline } from './pipeline.ts'
import { NOT_READY_REASONS, type Readiness } from './readiness.ts'
import { createRotationAges } from './rotation-ages.ts'
import { createScrape } from './scrape.ts'
import type { StepReport } from './station.ts'
import { VERSION } from './version.ts'

export interface MeterSetup {
  readonly config: Config
  /** Parts of the work that this process has; all when absent. */
  readonly parts?: readonly Part[]
  readonly watched: Watched
  readonly readiness: Readiness
  /** Whose running span an observation is of. */
  readonly tracer?: Tracer
}

/** What this process has now: a role of its own has only its part. */
export interface Watched {
  readonly feeds: readonly Feed[]
  readonly clock: Pick<CollectorClock, 'watermark' | 'setBack'>
  readonly engines: readonly Engine[]
  readonly canary?: CanaryStamps
  readonly store?: IncidentStore
  /** Endpoints, and whether the circuit is open. */
  readonly circuits?: () => readonly (readonly [endpoint: string, isOpen: boolean])[]
}

/** What a pipeline in one process watches. */
export function watchedBy({ collector, engines }: Pipeline): Watched {
  return { feeds: collector.feeds, clock: collector.clock, engines }
}

/** What a collector did in one round. */
export interface Collected {
  readonly rejects: readonly Reject[]
  readonly tally: EventTally
}

/** The metrics of one process, with what counts into them. */
export interface Meter {
  readonly metrics: Metrics
  /** A round of a process that has all parts. */
  onStep(report: StepReport): void
  onCollected(collected: Collected): void
  onFindings(findings: readonly Finding[]): void
  /** Counts what the engines have counted; once before one of them is let go. */
  onEngines(): void
  /** A batch was in a stage for so long, in the span that is running unless another is given. */
  onStage(stage: Stage, seconds: number, trace?: TraceContext): void
  onChange(change: Committed): void
  onAttempt(attempt: Omit<AttemptReport, 'incident'>): void
  onCheckpoint(seconds: number, bytes: number): void
  /** The store with its calls timed and its failures counted. */
  stored<Store extends object>(name: StoreName, store: Store): Store
  /** The sender with its attempts timed; to be called within their spans. */
  timed(send: Send): Send
}

export function openMeter(setup: MeterSetup): Meter {
  const { config, parts = PARTS, watched, readiness, tracer = NO_TRACER } = setup
  const newEdges = createNewEdges(Date.now)
  const scrape = createScrape(watched, readiness, newEdges)
  const metrics = new Metrics({ ...listsOf(config, parts), beforeScrape: () => scrape(metrics) })
  const onCollected = collectedCounter(metrics, setup)
  const onEngines = engineCounter(metrics, () => watched.engines)
  const onFindings = (findings: readonly Finding[]) => {
    countFindings(metrics, findings)
    newEdges.note(findings)
  }
  const onStage = (stage: Stage, seconds: number, trace = tracer.inject()) => {
    metrics.observe('stage_duration_seconds', seconds, { stage }, sampledTraceId(trace))
    metrics.set('stage_last_event_timestamp_seconds', Date.now() / 1000, { stage })
  }
  return {
    metrics,
    onStep: (report) => {
      onCollected(report)
      onFindings(report.findings)
      onEngines()
      for (const { stage, seconds } of report.stages) onStage(stage, seconds, report.trace)
    },
    onCollected,
    onFindings,
    onEngines,
    onStage,
    onChange: (change) => countChange(metrics, change),
    onAttempt: (attempt) => countAttempt(metrics, attempt),
    onCheckpoint: (seconds, bytes) => {
      metrics.observe('checkpoint_duration_seconds', seconds)
      metrics.set('checkpoint_bytes', bytes)
    },
    stored: (name, store) =>
      meteredStore(store, {
        took: (operation, seconds) =>
          metrics.observe('store_call_duration_seconds', seconds, { store: name, operation }),
        failed: () => metrics.count('store_errors_total', { store: name }),
      }),
    timed: (send) => async (request) => {
      const began = performance.now()
      const attempt = await send(request)
      const seconds = (performance.now() - began) / 1000
      const trace = tracer.inject()
      metrics.observe('delivery_attempt_duration_seconds', seconds, {}, sampledTraceId(trace))
      onStage('delivery', seconds, trace)
      return attempt
    },
  }
}

/** Own topics that a role consumes. */
const CONSUMED: Readonly<Record<Part, readonly string[]>> = {
  collector: ['decisions', 'intake'],
  analyzer: ['stream'],
  alerter: ['findings'],
}

function listsOf(config: Config, parts: readonly Part[]) {
  const isWhole = parts.length === PARTS.length
  const consumed = isWhole ? [] : parts.flatMap((part) => CONSUMED[part])
  const topics = config.sources.flatMap(({ name, kafka }) => (kafka === undefined ? [] : [name]))
  const isHere = (stage: Stage) => parts.includes(stage === 'delivery' ? 'alerter' : stage)
  return {
    version: VERSION,
    parts,
    formats: ['auto', ...PARSERS.map(({ name }) => name)],
    detectors: detectors.map(({ name }) => name),
    endpoints: config.alerter.endpoints.map(({ name }) => name),
    routes: [],
    notReadyReasons: NOT_READY_REASONS,
    sources: [...configuredNames(config).values()],
    topics: parts.includes('collector') ? [...consumed, ...topics] : consumed,
    stages: STAGES.filter(isHere),
    canaryStages: CANARY_STAGES.filter(isHere),
  }
}

function collectedCounter(metrics: Metrics, { config, watched }: MeterSetup): Meter['onCollected'] {
  const names = configuredNames(config)
  const seen: SeenCounts = new WeakMap()
  const rotationAge = createRotationAges()
  let setBackBefore = 0
  let clockBefore = watched.clock
  return ({ rejects, tally }) => {
    countFeeds(metrics, watched.feeds, { names, seen })
    for (const [reason, some] of Map.groupBy(rejects, (reject) => reject.reason))
      metrics.count('rejects_total', { reason }, some.length)
    for (const [reason, calls] of tally.denied) metrics.count('denied_calls_total', { reason }, calls)
    for (const step of tally.steps) {
      const age = rotationAge(step)
      if (age !== undefined) metrics.observe('credential_rotation_age_seconds', age / 1000)
    }
    for (const [kind, calls] of tally.uses) metrics.count('credential_uses_total', { kind }, calls)
    for (const [action, events] of tally.lifecycle)
      metrics.count('lifecycle_events_total', { action }, events)
    const { clock } = watched
    if (clock !== clockBefore) [clockBefore, setBackBefore] = [clock, 0]
    metrics.count('clock_skew_events_total', {}, clock.setBack - setBackBefore)
    setBackBefore = clock.setBack
    metrics.set('watermark_timestamp_seconds', clock.watermark / 1000)
  }
}
