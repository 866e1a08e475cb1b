import { STORES } from '../../io/metric-catalogue.ts'
import { countedBars } from '../blocks/counted-bars.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { ours, perSecond, quantileOf, under } from '../blocks/query.ts'
import { timeSeries } from '../blocks/time-series.ts'
import { unscraped } from '../blocks/unscraped.ts'

export function checkpointTime(): PanelBuilder {
  return timeSeries({
    title: 'Time to write a checkpoint',
    description: 'It must stay well under checkpointEveryMs, or the analyzer does little else.',
    unit: 's',
    noData: 'No checkpoint was written in this time',
    queries: [under(0.5, 'checkpoint_duration_seconds'), under(0.99, 'checkpoint_duration_seconds')],
  })
}

export function checkpointSize(): PanelBuilder {
  return timeSeries({
    title: 'Size of the last checkpoint',
    description: 'The largest of all processes. It follows what changed since the one before.',
    unit: 'bytes',
    noData: 'No checkpoint was written yet',
    queries: [{ expr: `max(${ours('checkpoint_bytes')})`, legend: 'largest' }],
  })
}

export function storeTime(): PanelBuilder {
  return timeSeries({
    title: 'Time of a call to a store, 99 % under',
    description:
      'SQLite, or Redis for roles in processes of their own. Load is the claim of a partition with all its state. When writes rise, the disk or Redis is the narrow place.',
    unit: 's',
    noData: 'No call in this time',
    steps: [{ from: 1, tone: 'warn', means: 'the work waits for the store' }],
    series: [],
    queries: [
      {
        expr: quantileOf(0.99, 'store_call_duration_seconds', 'store, operation'),
        legend: '{{store}}, {{operation}}',
      },
    ],
  })
}

export function storeErrors(): PanelBuilder {
  return timeSeries({
    title: 'Failed calls to a store',
    description:
      'Calls to SQLite or Redis that failed. They are tried again; while they fail, nothing is committed and nothing is lost.',
    unit: 'cps',
    noData: unscraped('process'),
    series: STORES,
    queries: [{ expr: perSecond('store_errors_total', 'store'), legend: '{{store}}' }],
  })
}

export function rebalances(): PanelBuilder {
  return countedBars({
    title: 'Rebalances',
    description:
      'Times that a group gave a process other partitions. A few at a deploy are usual; one a minute means that a process is too slow to stay in its group.',
    noData: 'No topics: all is in one process',
    counter: 'rebalances_total',
    by: 'instance',
    series: [],
  })
}
