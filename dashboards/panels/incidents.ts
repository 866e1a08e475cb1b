import { SEVERITIES } from '../../domain/finding.ts'
import { INCIDENT_STATES } from '../../domain/incident.ts'
import { barGauge } from '../blocks/bar-gauge.ts'
import { countedBars } from '../blocks/counted-bars.ts'
import { linkTo, OPEN_INCIDENTS } from '../blocks/links.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { countedIn, ours, waitingSince } from '../blocks/query.ts'
import { stat } from '../blocks/stat.ts'
import { unscraped } from '../blocks/unscraped.ts'
import { DETECTORS } from './findings.ts'

const WORST_FIRST = [...SEVERITIES].reverse()

// Every alerter reads the same store and says the same, so incidents are not added up over processes.
const openOf = (severity: string) => `max(${ours('incidents', 'state="open"', `severity="${severity}"`)})`

export function openIncidents(): PanelBuilder {
  return stat({
    title: 'Open incidents, by severity',
    description:
      'Incidents that nobody has acknowledged and that have not resolved themselves. Critical and high ones are in red, medium ones in amber, as soon as there is one.',
    unit: 'short',
    noData: 'Is an alerter scraped?',
    size: [10, 4],
    links: [OPEN_INCIDENTS],
    asked: 'now',
    queries: WORST_FIRST.map((severity) => ({ expr: openOf(severity), legend: severity })),
    toneFromOne: { critical: 'bad', high: 'bad', medium: 'warn', low: 'good', info: 'good' },
  })
}

export function newIncidents(): PanelBuilder {
  return stat({
    title: 'New in the last hour',
    description: 'Incidents opened in the last hour, whatever became of them.',
    unit: 'short',
    noData: 'Is an alerter scraped?',
    steps: [
      { from: 1, tone: 'warn', means: 'something was found' },
      { from: 10, tone: 'bad', means: 'too many to read one by one; look for what they share' },
    ],
    asked: 'now',
    queries: [{ expr: countedIn('1h', 'incidents_opened_total'), legend: 'opened' }],
  })
}

export function timeToAcknowledge(): PanelBuilder {
  const sum = (part: string) => `sum(increase(${ours(`incident_acknowledge_duration_seconds_${part}`)}[7d]))`
  return stat({
    title: 'Time to acknowledge',
    description: 'Mean time from opening to acknowledgement, over the last 7 days.',
    unit: 's',
    noData: 'None acknowledged in 7 days',
    size: [5, 4],
    steps: [
      { from: 3600, tone: 'warn', means: 'people look after an hour or more; are the right ones paged?' },
    ],
    links: [linkTo('meshwatch-paging-health')],
    asked: 'now',
    queries: [{ expr: `${sum('sum')} / (${sum('count')} > 0)`, legend: 'mean' }],
  })
}

export function oldestOpen(): PanelBuilder {
  return stat({
    title: 'Oldest open incident',
    description: 'Age of the oldest incident that nobody has acknowledged; 0 when there is none.',
    unit: 's',
    noData: 'Is an alerter scraped?',
    size: [5, 4],
    steps: [
      { from: 900, tone: 'warn', means: 'nobody has taken it for a quarter of an hour' },
      { from: 14400, tone: 'bad', means: 'nobody is reading; check who is on call' },
    ],
    links: [OPEN_INCIDENTS],
    asked: 'now',
    queries: [{ expr: waitingSince('incident_oldest_open_timestamp_seconds'), legend: 'age' }],
  })
}

export function incidentsOpened(): PanelBuilder {
  return countedBars({
    title: 'Incidents opened, by kind',
    description:
      'Incidents by the detector that opened them, by the minute or longer. Prometheus estimates between scrapes, so a count may be off by one.',
    noData: unscraped('alerter'),
    counter: 'incidents_opened_total',
    by: 'detector',
    series: DETECTORS,
  })
}

export function incidentsByState(): PanelBuilder {
  return barGauge({
    title: 'Incidents in the store, by state',
    description: 'All incidents that are kept, open, acknowledged and resolved.',
    unit: 'short',
    noData: unscraped('alerter'),
    queries: INCIDENT_STATES.map((state) => ({
      expr: `sum(max by (severity) (${ours('incidents', `state="${state}"`)}))`,
      legend: state,
    })),
  })
}
