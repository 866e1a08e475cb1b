import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { DATASOURCE } from './panel.ts'
import { ofOurProcesses, ours, selectorOf } from './query.ts'
import { TONES } from './tone.ts'

/** Marks over every panel with a time axis: what happened then. */
export function annotations(): AnnotationQueryBuilder[] {
  return [
    // The value is the instant, in milliseconds: the mark stands where the process began, not where it was scraped.
    annotation('Process started')
      .expr(`${ofOurProcesses(selectorOf('process_start_time_seconds'))} * 1000`)
      .useValueForTime(true)
      .iconColor(TONES.good)
      .titleFormat('Process started: another version or configuration may be in effect')
      .textFormat('{{job}} {{instance}}')
      .tagKeys('job,instance'),
    annotation('Incidents opened')
      .expr(`ceil(sum by (detector) (increase(${ours('incidents_opened_total')}[$__rate_interval]))) > 0`)
      .iconColor(TONES.bad)
      .titleFormat('Incident opened')
      .textFormat('by {{detector}}')
      .tagKeys('detector'),
    annotation('Alerts about Meshwatch')
      .expr('max by (alertname, severity) (ALERTS{alertname=~"Meshwatch.+", alertstate="firing"})')
      .iconColor(TONES.warn)
      .titleFormat('{{alertname}} fires')
      .textFormat('severity {{severity}}')
      .tagKeys('alertname,severity'),
  ]
}

function annotation(name: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder().name(name).datasource(DATASOURCE).enable(true).step('60s')
}
