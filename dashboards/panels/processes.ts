import { linkTo } from '../blocks/links.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { ofOurProcesses, ours, perSecond, selectorOf } from '../blocks/query.ts'
import { stat } from '../blocks/stat.ts'
import { stateTimeline } from '../blocks/state-timeline.ts'
import { table } from '../blocks/table.ts'
import { timeSeries } from '../blocks/time-series.ts'
import { unscraped } from '../blocks/unscraped.ts'

/** One line for each process, in colours of Grafana's choice. */
const ofEach = (expr: string) => ({
  series: [],
  queries: [{ expr: ofOurProcesses(expr), legend: '{{instance}}' }],
})

export function notReady(): PanelBuilder {
  return stat({
    title: 'Processes not ready',
    description: 'Processes that answer and cannot do their work. Why not is in the timeline below.',
    unit: 'short',
    noData: 'Is any process scraped?',
    steps: [{ from: 1, tone: 'bad', means: 'a process cannot do its work' }],
    asked: 'line',
    queries: [{ expr: `count(${ours('ready')}) - sum(${ours('ready')})`, legend: 'not ready' }],
  })
}

export function notReadyReasons(): PanelBuilder {
  return stateTimeline({
    title: 'Why a process was not ready',
    description:
      'Only reasons that held at some time. Each is explained under Readiness in the operations guide.',
    unit: 'short',
    noData: 'All processes were ready all the time',
    size: [12, 6],
    states: { 0: { text: 'ready', tone: 'good' }, 1: { text: 'not ready', tone: 'bad' } },
    queries: [{ expr: `max by (reason) (${ours('not_ready')}) > 0`, legend: '{{reason}}' }],
  })
}

export function eventLoop(): PanelBuilder {
  return timeSeries({
    title: 'Event loop lag, 99 % under',
    description: 'How long work blocks the process. Work that takes longer yields every 200 ms.',
    unit: 's',
    noData: unscraped('process'),
    steps: [{ from: 0.5, tone: 'warn', means: 'probes and heartbeats are late; see Scaling' }],
    ...ofEach(selectorOf('nodejs_eventloop_lag_p99_seconds')),
  })
}

export function memory(): PanelBuilder {
  const largest = (metric: string) => `max(${ofOurProcesses(selectorOf(metric))})`
  return timeSeries({
    title: 'Memory of the largest process',
    description: 'Resident memory has the tables of an analyzer, which are outside the heap.',
    unit: 'bytes',
    noData: unscraped('process'),
    queries: [
      { expr: largest('process_resident_memory_bytes'), legend: 'resident' },
      { expr: largest('nodejs_heap_size_used_bytes'), legend: 'heap' },
    ],
  })
}

export function processorTime(): PanelBuilder {
  return timeSeries({
    title: 'Processor time',
    description: 'Cores that each process keeps busy. One is about all that a process can use.',
    unit: 'short',
    noData: unscraped('process'),
    steps: [{ from: 0.9, tone: 'warn', means: 'the process is at its limit; add one of its role' }],
    ...ofEach(`rate(${selectorOf('process_cpu_seconds_total')}[$__rate_interval])`),
  })
}

export function answers(): PanelBuilder {
  return timeSeries({
    title: 'HTTP answers',
    description:
      'Of the API, the intake and the probes, by class of status. 4xx are wrong requests, 5xx are our fault.',
    unit: 'reqps',
    noData: unscraped('process'),
    series: ['2xx', '4xx', '5xx', '3xx'],
    queries: [{ expr: perSecond('api_requests_total', 'code_class'), legend: '{{code_class}}' }],
    links: [linkTo('meshwatch-paging-health')],
  })
}

export function restarts(): PanelBuilder {
  return timeSeries({
    title: 'Starts of a process',
    description:
      'How often a process was started in the hour before. One is a deploy; more are a process that does not stay up, and its log says why.',
    unit: 'short',
    noData: unscraped('process'),
    steps: [{ from: 3, tone: 'warn', means: 'it starts again and again' }],
    ...ofEach(`changes(${selectorOf('process_start_time_seconds')}[1h])`),
  })
}

export function builds(): PanelBuilder {
  return table({
    title: 'Versions, and how long they run',
    description: 'The longest running first. Two versions for long are a deploy that did not end.',
    unit: 's',
    noData: unscraped('process'),
    expr: `(time() - ${selectorOf('process_start_time_seconds')}) * on (job, instance) group_left (version, node_version) ${ours('build_info')}`,
    columns: {
      instance: 'Instance',
      version: 'Version',
      node_version: 'Node',
      Value: 'Runs for',
    },
  })
}

export function overflow(): PanelBuilder {
  return timeSeries({
    title: 'Label values without a series of their own',
    description:
      'How often a value was counted as "other", because its list is full or does not have it. Totals stay right; what is counted by that label is not complete.',
    unit: 'cps',
    noData: unscraped('process'),
    queries: [{ expr: perSecond('metric_overflow_total'), legend: 'other' }],
  })
}
