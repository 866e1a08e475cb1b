import type { PanelBuilder } from '../blocks/panel.ts'
import { perSecond, sinceNewest, sinceOldest } from '../blocks/query.ts'
import { table } from '../blocks/table.ts'
import { timeSeries } from '../blocks/time-series.ts'
import { unscraped } from '../blocks/unscraped.ts'

export function sourceAges(width: number, height: number): PanelBuilder {
  return table({
    title: 'Sources, by silence',
    description:
      'Time since each configured source last gave a record, the most silent first. A revocation list that is there and unchanged is not silent.',
    unit: 's',
    noData: 'No source gave a record yet: check the paths and topics in the configuration',
    size: [width, height],
    steps: [{ from: 900, tone: 'bad', means: 'what it would show is not seen; check its shipper' }],
    expr: sinceNewest('source_last_record_timestamp_seconds', 'source'),
    columns: { source: 'Source', Value: 'Silent for' },
  })
}

export function eventTimeDelay(): PanelBuilder {
  return timeSeries({
    title: 'Event time behind the clock',
    description:
      'Watermark delay of each process. One source that stands still holds all of its process up until it is idle.',
    unit: 's',
    noData: 'No event yet: does any source give records?',
    size: [12, 8],
    series: [],
    queries: [{ expr: sinceOldest('watermark_timestamp_seconds', 'instance'), legend: '{{instance}}' }],
  })
}

export function clockTrouble(): PanelBuilder {
  return timeSeries({
    title: 'Events out of time',
    description:
      'Late: after their window was closed, so they count for less. Ahead: more than a minute in the future, so they are taken for now. Either means a clock that is off, or a latenessMs that is too short.',
    unit: 'cps',
    noData: unscraped('process that reads events'),
    size: [12, 8],
    queries: [
      { expr: perSecond('late_events_total'), legend: 'late' },
      { expr: perSecond('clock_skew_events_total'), legend: 'ahead' },
    ],
  })
}
