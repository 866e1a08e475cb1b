import { linkTo } from '../blocks/links.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { ours, sinceNewest, waitingSince } from '../blocks/query.ts'
import { stat } from '../blocks/stat.ts'

// Whether silence means that nothing happened. Each stands on two dashboards, in the width that is left there.

export function canaryAge(width: number): PanelBuilder {
  return stat({
    title: 'Canary age',
    description:
      'A marked record is sent through every partition of the stream each 15 s. This is the age of the newest one, where it is furthest behind; a process that has seen none since its start counts as a day.',
    unit: 's',
    noData: 'Is any process scraped?',
    size: [width, 4],
    steps: [
      { from: 60, tone: 'warn', means: 'findings are late' },
      { from: 300, tone: 'bad', means: 'the pipeline stands still somewhere; silence means nothing' },
    ],
    links: [linkTo('meshwatch-pipeline-health')],
    asked: 'line',
    queries: [{ expr: `clamp_max(time() - min(${ours('canary_timestamp_seconds')}), 86400)`, legend: 'age' }],
  })
}

export function unreadRecords(width: number): PanelBuilder {
  return stat({
    title: 'Records not read yet',
    description: 'Consumer lag: records in topics that a process owns and has not read. None without Kafka.',
    unit: 'short',
    noData: 'No topics: all is in one process',
    size: [width, 4],
    steps: [
      { from: 10_000, tone: 'warn', means: 'reading is behind; is it falling?' },
      { from: 1_000_000, tone: 'bad', means: 'add processes or partitions' },
    ],
    links: [linkTo('meshwatch-pipeline-health')],
    asked: 'line',
    queries: [{ expr: `sum(${ours('consumer_lag_records')})`, legend: 'records' }],
  })
}

export function blindDetectors(width: number): PanelBuilder {
  return stat({
    title: 'Blind detectors',
    description:
      'Detectors that no source gives what they need, since the last start. The API says what is missing.',
    unit: 'short',
    noData: 'Is a collector scraped?',
    size: [width, 4],
    steps: [{ from: 1, tone: 'bad', means: 'what it detects cannot be found; see GET /v1/coverage' }],
    asked: 'now',
    queries: [{ expr: `sum(1 - max by (detector) (${ours('detector_can_evaluate')}))`, legend: 'detectors' }],
  })
}

export function oldestPage(width: number): PanelBuilder {
  return stat({
    title: 'Oldest page owed',
    description: 'How long the oldest notification has been owed to an endpoint; 0 when none is.',
    unit: 's',
    noData: 'Is an alerter scraped?',
    size: [width, 4],
    steps: [
      { from: 60, tone: 'warn', means: 'an endpoint does not take it; it is tried again' },
      { from: 300, tone: 'bad', means: 'somebody is not being told' },
    ],
    links: [linkTo('meshwatch-paging-health')],
    asked: 'line',
    queries: [{ expr: waitingSince('delivery_oldest_timestamp_seconds'), legend: 'age' }],
  })
}

export function silentSource(width: number): PanelBuilder {
  return stat({
    title: 'Longest silent source',
    description: 'Time since the source that has been silent longest gave its last record.',
    unit: 's',
    noData: 'No source gave a record yet',
    size: [width, 4],
    steps: [
      { from: 300, tone: 'warn', means: 'unusual for a mesh, usual for a small CA' },
      { from: 900, tone: 'bad', means: 'what it would show is not seen; check its shipper' },
    ],
    links: [linkTo('meshwatch-pipeline-health')],
    asked: 'now',
    queries: [
      {
        expr: `max(${sinceNewest('source_last_record_timestamp_seconds', 'source')})`,
        legend: 'silent for',
      },
    ],
  })
}
