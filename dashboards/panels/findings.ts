import { barGauge } from '../blocks/bar-gauge.ts'
import { countedBars } from '../blocks/counted-bars.ts'
import { COVERAGE, cell, linkToApi } from '../blocks/links.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { countedIn, ours } from '../blocks/query.ts'
import { stateTimeline } from '../blocks/state-timeline.ts'
import { table } from '../blocks/table.ts'
import { unscraped } from '../blocks/unscraped.ts'

/** As they are registered; a test compares. */
export const DETECTORS = ['new-edge', 'revoked-credential', 'volume'] as const

export function whatIsSeen(): PanelBuilder {
  return stateTimeline({
    title: 'What each detector can see',
    description:
      'Blind: no source has shown all that the detector needs since the last start, so its silence says nothing. GET /v1/coverage tells what is missing.',
    unit: 'short',
    noData: unscraped('collector'),
    links: [COVERAGE],
    states: { 0: { text: 'blind', tone: 'bad' }, 1: { text: 'sees', tone: 'good' } },
    queries: [{ expr: `max by (detector) (${ours('detector_can_evaluate')})`, legend: '{{detector}}' }],
  })
}

export function findingsOverTime(): PanelBuilder {
  return countedBars({
    title: 'Findings',
    description:
      'Findings inside the alert budget, by detector. Several findings on one caller become one incident.',
    noData: unscraped('analyzer'),
    counter: 'findings_total',
    by: 'detector',
    series: DETECTORS,
  })
}

export function findingsOfTheDay(): PanelBuilder {
  return barGauge({
    title: 'Findings in 24 h, by detector',
    description:
      'Which detector speaks most. One that never speaks may be blind; one that always speaks needs tuning.',
    unit: 'short',
    noData: unscraped('analyzer'),
    steps: [{ from: 20, tone: 'warn', means: 'more than the alert budget of a day for all detectors' }],
    queries: [{ expr: countedIn('24h', 'findings_total', 'detector'), legend: '{{detector}}' }],
  })
}

export function findingsTable(): PanelBuilder {
  return table({
    title: 'Findings in 24 h, with their incidents',
    description: 'A detector or a severity leads to its incidents in the API: who, why, and the log lines.',
    unit: 'short',
    noData: 'Nothing was found in 24 h',
    expr: `${countedIn('24h', 'findings_total', 'detector, severity')} > 0`,
    columns: { detector: 'Detector', severity: 'Severity', Value: 'Findings' },
    cellLinks: {
      Detector: linkToApi('Incidents of this detector', `/v1/incidents?detector=${cell('Detector')}`),
      Severity: linkToApi('Incidents of this severity', `/v1/incidents?severity=${cell('Severity')}`),
    },
  })
}

export function outsideBudget(): PanelBuilder {
  return countedBars({
    title: 'Findings outside the alert budget',
    description:
      'Deviations that were recorded and did not notify, because as many false ones would come up in a day. Many of one detector: see Tuning in the operations guide.',
    noData: unscraped('analyzer'),
    counter: 'findings_outside_budget_total',
    by: 'detector',
    series: DETECTORS,
  })
}
