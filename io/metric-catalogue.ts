import { SEVERITIES } from '../domain/finding.ts'
import { ATTEMPT_OUTCOMES, DROP_REASONS, INCIDENT_STATES } from '../domain/incident.ts'
import { REJECT_REASONS } from '../domain/reject.ts'

/**
 * Every metric of ours, declared once. Label values come from closed lists only: a value of the traffic in a label
 * would let an attacker fill the monitoring, and unbounded names belong in incidents and logs.
 */
export interface MetricDeclaration {
  /** Without the prefix `meshwatch_`. */
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: Readonly<Record<string, readonly string[] | keyof LabelLists>>
  /** Of a histogram, in its unit. */
  readonly buckets?: readonly number[]
}

/** Closed lists that only the registries and the configuration know. */
export interface LabelLists {
  readonly formats: readonly string[]
  readonly detectors: readonly string[]
  readonly endpoints: readonly string[]
  /** URLs of the routes as they are declared. */
  readonly routes: readonly string[]
  readonly notReadyReasons: readonly string[]
}

export const STAGES = ['collector', 'analyzer', 'alerter', 'delivery'] as const
const ENTITIES = ['identity', 'edge', 'credential', 'connection']
const RESULTS = ['delivered', 'failed', 'superseded']
const CODE_CLASSES = ['2xx', '3xx', '4xx', '5xx']

export const CATALOGUE = [
  {
    name: 'events_received_total',
    type: 'counter',
    help: 'Records that arrived, by kind of source and format.',
    labels: { source_kind: ['file', 'stdin', 'http', 'kafka'], format: 'formats' },
  },
  {
    name: 'events_accepted_total',
    type: 'counter',
    help: 'Events that went into the stream.',
    labels: {},
  },
  {
    name: 'rejects_total',
    type: 'counter',
    help: 'Records that were refused, by reason; they are kept in the rejects.',
    labels: { reason: Object.keys(REJECT_REASONS) },
  },
  {
    name: 'late_events_total',
    type: 'counter',
    help: 'Events that came after the window of their time was closed.',
    labels: {},
  },
  {
    name: 'clock_skew_events_total',
    type: 'counter',
    help: 'Events whose time was more than a minute ahead of the wall clock and was set back to it.',
    labels: {},
  },
  {
    name: 'detector_can_evaluate',
    type: 'gauge',
    help: '1 when the sources of this process have shown all that a detector needs; 0 before their first event.',
    labels: { detector: 'detectors' },
  },
  {
    name: 'findings_total',
    type: 'counter',
    help: 'Findings inside the alert budget, by detector and severity.',
    labels: { detector: 'detectors', severity: SEVERITIES },
  },
  {
    name: 'incidents_opened_total',
    type: 'counter',
    help: 'Incidents that were opened, by their severity at that time.',
    labels: { severity: SEVERITIES },
  },
  {
    name: 'incidents',
    type: 'gauge',
    help: 'Incidents in the store, by state and severity.',
    labels: { state: INCIDENT_STATES, severity: SEVERITIES },
  },
  {
    name: 'deliveries_total',
    type: 'counter',
    help: 'Notifications that came to an end after they were owed, by how.',
    labels: { result: RESULTS },
  },
  {
    name: 'notifications_dropped_total',
    type: 'counter',
    help: 'Notifications that were not owed to an endpoint, by reason.',
    labels: { reason: Object.keys(DROP_REASONS) },
  },
  {
    name: 'delivery_attempts_total',
    type: 'counter',
    help: 'Attempts to deliver a notification, by outcome.',
    labels: { outcome: ATTEMPT_OUTCOMES },
  },
  {
    name: 'delivery_queue_length',
    type: 'gauge',
    help: 'Notifications owed and not delivered yet.',
    labels: {},
  },
  {
    name: 'delivery_oldest_timestamp_seconds',
    type: 'gauge',
    help: 'When the oldest notification still owed became owed; 0 when none is.',
    labels: {},
  },
  {
    name: 'circuit_open',
    type: 'gauge',
    help: '1 while an endpoint fails so often that it is only probed.',
    labels: { endpoint: 'endpoints' },
  },
  {
    name: 'stage_last_event_timestamp_seconds',
    type: 'gauge',
    help: 'Wall clock at which a stage last did something for an event; 0 before the first.',
    labels: { stage: STAGES },
  },
  {
    name: 'watermark_timestamp_seconds',
    type: 'gauge',
    help: 'Event time before which no more rows are expected; 0 before the first.',
    labels: {},
  },
  {
    name: 'entities',
    type: 'gauge',
    help: 'Rows of state in memory, by kind.',
    labels: { kind: ENTITIES },
  },
  {
    name: 'checkpoint_duration_seconds',
    type: 'histogram',
    help: 'Time that writing a checkpoint took.',
    labels: {},
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
  },
  { name: 'checkpoint_bytes', type: 'gauge', help: 'Size of the last checkpoint.', labels: {} },
  {
    name: 'api_requests_total',
    type: 'counter',
    help: 'Requests answered, by route and class of status.',
    labels: { route: 'routes', code_class: CODE_CLASSES },
  },
  { name: 'ready', type: 'gauge', help: '1 while the process can do its work.', labels: {} },
  {
    name: 'not_ready',
    type: 'gauge',
    help: '1 while this reason keeps the process from its work.',
    labels: { reason: 'notReadyReasons' },
  },
] as const satisfies readonly MetricDeclaration[]

type Named<Type> = Extract<(typeof CATALOGUE)[number], { type: Type }>['name']
export type CounterName = Named<'counter'>
export type GaugeName = Named<'gauge'>
export type HistogramName = Named<'histogram'>
