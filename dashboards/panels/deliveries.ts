import { ATTEMPT_OUTCOMES, DROP_REASONS } from '../../domain/incident.ts'
import { DELIVERY_RESULTS } from '../../io/metric-catalogue.ts'
import { barGauge } from '../blocks/bar-gauge.ts'
import { countedBars } from '../blocks/counted-bars.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { countedIn, ours, under, waitingSince } from '../blocks/query.ts'
import { stateTimeline } from '../blocks/state-timeline.ts'
import { table } from '../blocks/table.ts'
import { timeSeries } from '../blocks/time-series.ts'
import { unscraped } from '../blocks/unscraped.ts'

export function deliveriesByResult(): PanelBuilder {
  return countedBars({
    title: 'Notifications that ended, by result',
    description:
      'Failed: given up after the last attempt. Superseded: a later version of the incident told it.',
    noData: unscraped('alerter'),
    counter: 'deliveries_total',
    by: 'result',
    series: DELIVERY_RESULTS,
  })
}

export function deliveriesByEndpoint(): PanelBuilder {
  return table({
    title: 'Notifications in 24 h, by endpoint',
    description:
      'How the notifications to each endpoint ended. An endpoint that is missing was owed nothing.',
    unit: 'short',
    noData: 'No notification ended in 24 h',
    expr: `${countedIn('24h', 'deliveries_total', 'endpoint, result')} > 0`,
    columns: { endpoint: 'Endpoint', result: 'Result', Value: 'Notifications' },
  })
}

export function attemptsByOutcome(): PanelBuilder {
  return countedBars({
    title: 'Attempts, by outcome',
    description: 'How each request to an endpoint ended. Outcomes are explained in the closed lists.',
    noData: 'No attempt in this time',
    counter: 'delivery_attempts_total',
    by: 'outcome',
    series: ATTEMPT_OUTCOMES,
    omitsZero: true,
  })
}

export function circuits(): PanelBuilder {
  return stateTimeline({
    title: 'Endpoints',
    description:
      'Probed: the endpoint failed so often that it is only tried now and then, and its notifications wait.',
    unit: 'short',
    noData: 'No endpoint is configured: nobody is told. See Endpoints and secrets in the operations guide',
    states: { 0: { text: 'used', tone: 'good' }, 1: { text: 'probed', tone: 'bad' } },
    queries: [{ expr: `max by (endpoint) (${ours('circuit_open')})`, legend: '{{endpoint}}' }],
  })
}

export function attemptTime(): PanelBuilder {
  return timeSeries({
    title: 'Time of an attempt',
    description: 'How long endpoints take to answer. Where traces are on, marks lead to them.',
    unit: 's',
    noData: 'No attempt in this time',
    queries: [
      under(0.5, 'delivery_attempt_duration_seconds'),
      { ...under(0.99, 'delivery_attempt_duration_seconds'), exemplar: true },
    ],
  })
}

export function queueLength(): PanelBuilder {
  return timeSeries({
    title: 'Notifications owed, over time',
    description: 'Owed and not delivered yet. A peak after many findings is usual if it falls again.',
    unit: 'short',
    noData: unscraped('alerter'),
    queries: [{ expr: `max(${ours('delivery_queue_length')})`, legend: 'owed' }],
  })
}

export function queueAge(): PanelBuilder {
  return timeSeries({
    title: 'Age of the oldest one owed',
    description: 'How long the oldest notification has been waiting; 0 when none is.',
    unit: 's',
    noData: unscraped('alerter'),
    steps: [
      { from: 60, tone: 'warn', means: 'an endpoint does not take it; it is tried again' },
      { from: 300, tone: 'bad', means: 'somebody is not being told' },
    ],
    queries: [{ expr: waitingSince('delivery_oldest_timestamp_seconds'), legend: 'age' }],
  })
}

export function notOwed(): PanelBuilder {
  return barGauge({
    title: 'Not owed in 24 h, by reason',
    description:
      'Notifications that no endpoint was to get. "endpoint-disabled" is one that answered 410 Gone.',
    unit: 'short',
    noData: unscraped('alerter'),
    size: [24, 6],
    queries: Object.keys(DROP_REASONS).map((reason) => ({
      expr: countedIn('24h', 'notifications_dropped_total', '', `reason="${reason}"`),
      legend: reason,
    })),
  })
}

export function acknowledgeTime(): PanelBuilder {
  return timeSeries({
    title: 'Time to acknowledge',
    description:
      'From the opening of an incident to its acknowledgement. It rises when pages reach the wrong people.',
    unit: 's',
    noData: 'Nobody acknowledged an incident in this time',
    queries: [
      under(0.5, 'incident_acknowledge_duration_seconds'),
      under(0.9, 'incident_acknowledge_duration_seconds'),
    ],
  })
}
