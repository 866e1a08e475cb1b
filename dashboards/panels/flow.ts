import { REJECT_REASONS } from '../../domain/reject.ts'
import { ENTITIES, STAGES } from '../../io/metric-catalogue.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { ours, perSecond, quantileOf, sinceNewest, sinceOldest } from '../blocks/query.ts'
import { stat } from '../blocks/stat.ts'
import { timeSeries } from '../blocks/time-series.ts'
import { unscraped } from '../blocks/unscraped.ts'

export function acceptedNow(): PanelBuilder {
  return stat({
    title: 'Events accepted',
    description: 'Calls and credential events that went into the stream. What is not logged cannot be found.',
    unit: 'cps',
    noData: 'Is a collector scraped?',
    asked: 'line',
    queries: [{ expr: perSecond('events_accepted_total'), legend: 'events' }],
  })
}

export function acceptedOverTime(): PanelBuilder {
  return timeSeries({
    title: 'Events accepted',
    description: 'Calls and credential events that went into the stream: all that detectors can know of.',
    unit: 'cps',
    noData: unscraped('collector'),
    queries: [{ expr: perSecond('events_accepted_total'), legend: 'events' }],
  })
}

export function knownEntities(): PanelBuilder {
  return timeSeries({
    title: 'What is remembered',
    description: 'Identities, edges, credentials and connections in the memory of all analyzers.',
    unit: 'short',
    noData: unscraped('analyzer'),
    series: ENTITIES,
    queries: [{ expr: `sum by (kind) (${ours('entities')})`, legend: '{{kind}}' }],
  })
}

export function refusedShare(): PanelBuilder {
  return stat({
    title: 'Records refused',
    description:
      'Share of the records that arrived and could not be read. They are kept, with position and reason.',
    unit: 'percentunit',
    noData: 'No records arrive',
    steps: [
      { from: 0.01, tone: 'warn', means: 'one source has other lines between its own' },
      { from: 0.1, tone: 'bad', means: 'a format has changed; see Refused, by reason' },
    ],
    asked: 'line',
    queries: [
      {
        expr: `${perSecond('rejects_total')} / (${perSecond('events_received_total')} > 0)`,
        legend: 'refused',
      },
    ],
  })
}

export function watermarkDelay(): PanelBuilder {
  return stat({
    title: 'Watermark delay',
    description: 'How far event time is behind the clock, in the process that is furthest behind.',
    unit: 's',
    noData: 'No event yet',
    steps: [
      { from: 120, tone: 'warn', means: 'findings are late' },
      { from: 900, tone: 'bad', means: 'reading is behind, or a source holds all others up' },
    ],
    asked: 'line',
    queries: [{ expr: sinceOldest('watermark_timestamp_seconds'), legend: 'delay' }],
  })
}

export function receivedBySource(): PanelBuilder {
  return timeSeries({
    title: 'Records received',
    description: 'What arrives, by kind of source. A fall without a reason is blindness.',
    unit: 'cps',
    noData: unscraped('collector'),
    series: ['file', 'kafka', 'http', 'stdin'],
    queries: [{ expr: perSecond('events_received_total', 'source_kind'), legend: '{{source_kind}}' }],
  })
}

export function refusedByReason(): PanelBuilder {
  return timeSeries({
    title: 'Refused, by reason',
    description: 'Records that could not be read. Each reason is explained in the rejects reference.',
    unit: 'cps',
    noData: 'Nothing was refused in this time',
    series: Object.keys(REJECT_REASONS),
    queries: [{ expr: `${perSecond('rejects_total', 'reason')} > 0`, legend: '{{reason}}' }],
  })
}

export function lagByTopic(): PanelBuilder {
  return timeSeries({
    title: 'Not read yet, by topic',
    description:
      'Consumer lag. When it only rises, reading is slower than writing: add processes or partitions.',
    unit: 'short',
    noData: 'No topics: sources, analyzer and alerter are in one process',
    series: ['stream', 'findings', 'intake', 'decisions'],
    queries: [{ expr: `sum by (topic) (${ours('consumer_lag_records')})`, legend: '{{topic}}' }],
  })
}

export function stageTime(): PanelBuilder {
  return timeSeries({
    title: 'Time of a batch in a stage, 99 % under',
    description:
      'How long a stage is busy with one batch. The stage that rises first is the narrow one. Where traces are on, marks lead to them.',
    unit: 's',
    noData: 'No batch went through in this time',
    series: STAGES,
    queries: [
      { expr: quantileOf(0.99, 'stage_duration_seconds', 'stage'), legend: '{{stage}}', exemplar: true },
    ],
  })
}

export function canaryByStage(): PanelBuilder {
  return timeSeries({
    title: 'Canary age, by stage',
    description:
      'Age of the newest canary that came through. The first stage that is late is the one that is stuck.',
    unit: 's',
    noData: 'No canary yet: one is sent each 15 s after the start',
    steps: [
      { from: 60, tone: 'warn', means: 'findings are late' },
      { from: 300, tone: 'bad', means: 'this stage stands still' },
    ],
    series: STAGES,
    queries: [{ expr: sinceOldest('canary_timestamp_seconds', 'stage'), legend: '{{stage}}' }],
  })
}

export function stageIdle(): PanelBuilder {
  return timeSeries({
    title: 'Since a stage last worked',
    description:
      'Collector and analyzer work all the time where there is traffic; alerter and delivery may rest on a quiet day.',
    unit: 's',
    noData: 'No stage has worked yet: does any source give records?',
    series: STAGES,
    queries: [{ expr: sinceNewest('stage_last_event_timestamp_seconds', 'stage'), legend: '{{stage}}' }],
  })
}
