import { countedBars } from '../blocks/counted-bars.ts'
import { heatmap } from '../blocks/heatmap.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { countedIn, ours, sinceOldest } from '../blocks/query.ts'
import { stat } from '../blocks/stat.ts'
import { timeSeries } from '../blocks/time-series.ts'
import { unscraped } from '../blocks/unscraped.ts'

const NO_ALERTER = 'Is an alerter scraped?'

/** Outcomes that an endpoint gives when it is asked for less, or has gone. */
const BRAKES = ['rate-limited', 'gone', 'status-5xx']
/** Outcomes that never reach an endpoint, since its address is refused here. */
const REFUSED_HERE = ['forbidden-address', 'forbidden-url', 'redirect']

export function owedNow(): PanelBuilder {
  return stat({
    title: 'Notifications owed',
    description: 'Owed to endpoints and not delivered yet.',
    unit: 'short',
    noData: NO_ALERTER,
    steps: [{ from: 100, tone: 'warn', means: 'an endpoint is slow, or very much was found' }],
    asked: 'line',
    queries: [{ expr: `max(${ours('delivery_queue_length')})`, legend: 'owed' }],
  })
}

export function probedEndpoints(): PanelBuilder {
  return stat({
    title: 'Endpoints probed',
    description: 'Endpoints that failed so often that they are tried only now and then.',
    unit: 'short',
    noData: 'No endpoint is configured',
    steps: [{ from: 1, tone: 'bad', means: 'who reads that endpoint is not told; look at its attempts' }],
    asked: 'line',
    queries: [{ expr: `sum(max by (endpoint) (${ours('circuit_open')}))`, legend: 'probed' }],
  })
}

export function deliveredOfTheDay(): PanelBuilder {
  return stat({
    title: 'Delivered in 24 h',
    description: 'Notifications that an endpoint took.',
    unit: 'short',
    noData: NO_ALERTER,
    asked: 'now',
    queries: [{ expr: countedIn('24h', 'deliveries_total', '', 'result="delivered"'), legend: 'delivered' }],
  })
}

export function givenUpOfTheDay(): PanelBuilder {
  return stat({
    title: 'Given up in 24 h',
    description: 'Notifications that were given up after the last attempt. The incident stays in the API.',
    unit: 'short',
    noData: NO_ALERTER,
    steps: [{ from: 1, tone: 'bad', means: 'somebody was not told; read the incidents in the API' }],
    asked: 'now',
    queries: [{ expr: countedIn('24h', 'deliveries_total', '', 'result="failed"'), legend: 'given up' }],
  })
}

export function failedAttempts(): PanelBuilder {
  const attempts = (...matchers: string[]) =>
    `sum(increase(${ours('delivery_attempts_total', ...matchers)}[24h]))`
  return stat({
    title: 'Failed attempts, 24 h',
    description: 'Share of the requests to endpoints that were not taken and had to be repeated.',
    unit: 'percentunit',
    noData: 'No attempt in 24 h',
    steps: [
      { from: 0.1, tone: 'warn', means: 'an endpoint is shaky' },
      { from: 0.5, tone: 'bad', means: 'an endpoint takes hardly anything' },
    ],
    asked: 'now',
    queries: [{ expr: `${attempts('outcome!="delivered"')} / (${attempts()} > 0)`, legend: 'failed' }],
  })
}

export function canaryAtAlerter(): PanelBuilder {
  return timeSeries({
    title: 'Canary age at the alerter',
    description: 'Age of the newest canary that went all the way from the collector to the alerter.',
    unit: 's',
    noData: 'No canary reached an alerter yet: one is sent each 15 s after the start',
    steps: [{ from: 300, tone: 'bad', means: 'a finding would not become a page' }],
    queries: [{ expr: sinceOldest('canary_timestamp_seconds', '', 'stage="alerter"'), legend: 'alerter' }],
  })
}

export function pauses(): PanelBuilder {
  return heatmap({
    title: 'Time that endpoints asked for',
    description:
      'How long an endpoint asked to be left alone, by Retry-After or by a status that says slow down; it is. An hour is the most that is heeded.',
    unit: 's',
    noData: NO_ALERTER,
    size: [12, 8],
    histogram: 'delivery_pause_seconds',
  })
}

export function attemptsNeeded(): PanelBuilder {
  return heatmap({
    title: 'Attempts until the end',
    description:
      'How many attempts a notification had taken when it was delivered or given up. All in the lowest row is what is usual.',
    unit: 'short',
    noData: NO_ALERTER,
    size: [12, 8],
    histogram: 'attempts_per_delivery',
  })
}

export function braked(): PanelBuilder {
  return outcomes({
    title: 'Endpoints that ask for less',
    description: 'Attempts answered with 429, 410 or a 5xx. What is rate-limited waits for its Retry-After.',
    names: BRAKES,
  })
}

export function refusedHere(): PanelBuilder {
  return outcomes({
    title: 'Attempts refused on this side',
    description:
      'Addresses that a webhook may not reach, and redirects, which are not followed. Look at the endpoint in the configuration.',
    names: REFUSED_HERE,
  })
}

interface OutcomesSpec {
  readonly title: string
  readonly description: string
  readonly names: readonly string[]
}

function outcomes({ title, description, names }: OutcomesSpec): PanelBuilder {
  const matcher = `outcome=~"${names.join('|')}"`
  return countedBars({
    title,
    description,
    noData: unscraped('alerter'),
    size: [12, 8],
    counter: 'delivery_attempts_total',
    by: 'outcome',
    series: names,
    matchers: [matcher],
  })
}
