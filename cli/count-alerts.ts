import type { Committed } from '../alerter/commit.ts'
import type { AttemptReport } from '../alerter/deliver.ts'
import type { Finding } from '../domain/finding.ts'
import type { Metrics } from '../io/metrics.ts'

/** What was found. */
export function countFindings(metrics: Metrics, findings: readonly Finding[]): void {
  for (const { detector, severity, withinBudget } of findings)
    if (withinBudget) metrics.count('findings_total', { detector, severity })
    else metrics.count('findings_outside_budget_total', { detector })
}

/** What became of one attempt to tell it. */
export function countAttempt(metrics: Metrics, attempt: Omit<AttemptReport, 'incident'>): void {
  const { endpoint, outcome, state, attempts, pauseMs } = attempt
  metrics.count('delivery_attempts_total', { outcome })
  if (pauseMs > 0) metrics.observe('delivery_pause_seconds', pauseMs / 1000)
  if (state !== 'delivered' && state !== 'failed') return
  metrics.count('deliveries_total', { endpoint, result: state })
  metrics.observe('attempts_per_delivery', attempts)
}

/** What changed in the incidents and in the outbox. */
export function countChange(metrics: Metrics, { updates, deliveries, superseded }: Committed): void {
  for (const { before, after } of updates) {
    if (before === undefined) metrics.count('incidents_opened_total', { detector: after.detectors[0] })
    if (before?.state !== 'open' || after.state !== 'acknowledged') continue
    const acknowledgedAt = after.transitions.at(-1)?.time ?? after.openedAt
    const seconds = Math.max(0, acknowledgedAt - after.openedAt) / 1000
    metrics.observe('incident_acknowledge_duration_seconds', seconds)
  }
  for (const { state, lastError } of deliveries)
    if (state === 'dropped') metrics.count('notifications_dropped_total', { reason: lastError })
  for (const { endpoint } of superseded) metrics.count('deliveries_total', { endpoint, result: 'superseded' })
  metrics.set('stage_last_event_timestamp_seconds', Date.now() / 1000, { stage: 'alerter' })
}
