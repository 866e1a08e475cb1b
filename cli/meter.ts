import type { Committed } from '../alerter/commit.ts'
import type { AttemptReport } from '../alerter/deliver.ts'
import type { Alerter } from '../alerter/main.ts'
import type { Engine } from '../analyzer/engine/engine.ts'
import { detectors } from '../analyzer/registry.ts'
import type { CollectorClock } from '../collector/collect.ts'
import { type Feed, formatOf } from '../collector/feed.ts'
import { PARSERS } from '../collector/registry.ts'
import type { EndpointConfig } from '../domain/config/endpoint.ts'
import type { IncidentStore } from '../domain/ports.ts'
import { INTAKE_URL } from '../io/intake-route.ts'
import { Metrics } from '../io/metrics.ts'
import { coverageOf } from './coverage.ts'
import { COVERAGE_URL } from './coverage-route.ts'
import { COMMON_ROUTES } from './doors.ts'
import type { Pipeline } from './pipeline.ts'
import { NOT_READY_REASONS, type Readiness } from './readiness.ts'
import type { StepReport } from './station.ts'
import { VERSION } from './version.ts'

/** What the metrics are read from before a scrape: a role of its own has only its part. */
export interface Metered {
  readonly watched: Watched
  readonly store?: IncidentStore
  readonly alerter?: Alerter
  readonly readiness: Readiness
}

/** Sources and partitions of this process as they are now. */
export interface Watched {
  readonly feeds: readonly Feed[]
  readonly clock: Pick<CollectorClock, 'watermark' | 'setBack'>
  readonly engines: readonly Engine[]
}

/** What a pipeline in one process watches. */
export function watchedBy({ collector, engines }: Pipeline): Watched {
  return { feeds: collector.feeds, clock: collector.clock, engines }
}

/** The metrics of one process, with what counts into them. */
export interface Meter {
  readonly metrics: Metrics
  onStep(report: StepReport): void
  onChange(change: Committed): void
  onAttempt(attempt: AttemptReport): void
  onCheckpoint(seconds: number, bytes: number): void
}

/** Metrics over a pipeline and an incident store. */
export function openMeter(metered: Metered, endpoints: readonly EndpointConfig[]): Meter {
  const seen: Seen = { feeds: new Map(), late: 0, setBack: 0 }
  const metrics = new Metrics({
    version: VERSION,
    formats: ['auto', ...PARSERS.map(({ name }) => name)],
    detectors: detectors.map(({ name }) => name),
    endpoints: endpoints.map(({ name }) => name),
    routes: [
      ...(metered.alerter?.routes ?? []).map(({ url }) => url),
      COVERAGE_URL,
      INTAKE_URL,
      ...COMMON_ROUTES,
    ],
    notReadyReasons: NOT_READY_REASONS,
    beforeScrape: () => setGauges(metrics, metered),
  })
  return {
    metrics,
    onStep: (report) => countStep(metrics, metered.watched, { report, seen }),
    onChange: ({ updates, deliveries, superseded }) => {
      for (const { before, after } of updates)
        if (before === undefined) metrics.count('incidents_opened_total', { severity: after.severity })
      for (const { state, lastError } of deliveries)
        if (state === 'dropped') metrics.count('notifications_dropped_total', { reason: lastError })
      if (superseded.length > 0)
        metrics.count('deliveries_total', { result: 'superseded' }, superseded.length)
      metrics.set('stage_last_event_timestamp_seconds', Date.now() / 1000, { stage: 'alerter' })
    },
    onAttempt: ({ outcome, state }) => {
      metrics.count('delivery_attempts_total', { outcome })
      if (state === 'delivered' || state === 'failed') metrics.count('deliveries_total', { result: state })
      metrics.set('stage_last_event_timestamp_seconds', Date.now() / 1000, { stage: 'delivery' })
    },
    onCheckpoint: (seconds, bytes) => {
      metrics.observe('checkpoint_duration_seconds', seconds)
      metrics.set('checkpoint_bytes', bytes)
    },
  }
}

interface Step {
  readonly report: StepReport
  readonly seen: Seen
}

/** Counts at the last step. */
interface Seen {
  readonly feeds: Map<Feed, { readonly records: number; readonly events: number }>
  late: number
  setBack: number
}

function countStep(metrics: Metrics, { feeds, clock, engines }: Watched, { report, seen }: Step): void {
  countFeeds(metrics, feeds, seen)
  for (const reject of report.rejects) metrics.count('rejects_total', { reason: reject.reason })
  for (const { detector, severity, withinBudget } of report.findings)
    if (withinBudget) metrics.count('findings_total', { detector, severity })
  const late = engines.reduce((sum, { counters }) => sum + counters.late, 0)
  metrics.count('late_events_total', {}, late - seen.late)
  metrics.count('clock_skew_events_total', {}, clock.setBack - seen.setBack)
  Object.assign(seen, { late, setBack: clock.setBack })
  metrics.set('watermark_timestamp_seconds', clock.watermark / 1000)
  if (report.isIdle) return
  for (const stage of ['collector', 'analyzer'])
    metrics.set('stage_last_event_timestamp_seconds', Date.now() / 1000, { stage })
}

function countFeeds(metrics: Metrics, feeds: readonly Feed[], seen: Seen): void {
  for (const feed of feeds) {
    const before = seen.feeds.get(feed) ?? { records: 0, events: 0 }
    metrics.count(
      'events_received_total',
      { source_kind: kindOf(feed), format: formatOf(feed) },
      feed.counts.records - before.records,
    )
    metrics.count('events_accepted_total', {}, feed.counts.events - before.events)
    seen.feeds.set(feed, { ...feed.counts })
  }
}

function kindOf({ source }: Feed): string {
  if (source.name.startsWith('http:')) return 'http'
  if ('topic' in source) return 'kafka'
  return source.name === 'stdin' ? 'stdin' : 'file'
}

async function setGauges(metrics: Metrics, { watched, store, alerter, readiness }: Metered): Promise<void> {
  if (store !== undefined) await setIncidents(metrics, store)
  for (const [endpoint, isOpen] of alerter?.circuits() ?? [])
    metrics.set('circuit_open', isOpen ? 1 : 0, { endpoint })
  const rows = (table: 'identities' | 'edges' | 'credentials' | 'connections') =>
    watched.engines.reduce((sum, { state }) => sum + state[table].rows - state[table].free.length, 0)
  metrics.set('entities', rows('identities'), { kind: 'identity' })
  metrics.set('entities', rows('edges'), { kind: 'edge' })
  metrics.set('entities', rows('credentials'), { kind: 'credential' })
  metrics.set('entities', rows('connections'), { kind: 'connection' })
  for (const { detector, canEvaluate } of coverageOf(watched.feeds).detectors)
    metrics.set('detector_can_evaluate', canEvaluate ? 1 : 0, { detector })
  const reasons = readiness.reasons()
  metrics.set('ready', reasons.length === 0 ? 1 : 0)
  for (const reason of NOT_READY_REASONS)
    metrics.set('not_ready', reasons.some((known) => known.reason === reason) ? 1 : 0, { reason })
}

async function setIncidents(metrics: Metrics, store: IncidentStore): Promise<void> {
  for (const { state, severity, count } of await store.counts())
    metrics.set('incidents', count, { state, severity })
  const { owed, oldestCreatedAt } = await store.outbox()
  metrics.set('delivery_queue_length', owed)
  metrics.set('delivery_oldest_timestamp_seconds', (oldestCreatedAt ?? 0) / 1000)
}
