import { CREDENTIAL_KINDS } from '../domain/credential.ts'
import { DENIAL_REASONS } from '../domain/denial.ts'
import { LIFECYCLE_ACTIONS } from '../domain/event.ts'
import { SEVERITIES } from '../domain/finding.ts'
import { ATTEMPT_OUTCOMES, DROP_REASONS, INCIDENT_STATES } from '../domain/incident.ts'
import { REJECT_REASONS } from '../domain/reject.ts'

/** Parts of the work: a process has all of them, or runs one as its role. */
export const PARTS = ['collector', 'analyzer', 'alerter'] as const
export type Part = (typeof PARTS)[number]

/**
 * Every metric of ours, declared once. Label values come from closed lists, or are the few first of a ranking: any
 * value of the traffic in a label would let an attacker fill the monitoring, and unbounded names belong in incidents
 * and logs.
 */
export interface MetricDeclaration {
  /** Without the prefix `meshwatch_`. */
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: Readonly<Record<string, readonly string[] | ListName>>
  /** Parts of which one must be in the process: who does not do the work has nothing to say of it. All when absent. */
  readonly of?: readonly Part[]
  /** Of a histogram, in its unit. */
  readonly buckets?: readonly number[]
  /** Of a histogram: an observation may name the trace that it is of. */
  readonly exemplars?: true
}

/** Closed lists that only the registries, the configuration and the role know. */
export interface LabelLists {
  readonly formats: readonly string[]
  readonly detectors: readonly string[]
  readonly endpoints: readonly string[]
  /** URLs of the routes as they are declared. */
  readonly routes: readonly string[]
  readonly notReadyReasons: readonly string[]
  /** Configured sources, and configured senders over HTTP. */
  readonly sources: readonly string[]
  /** Names of the sources that are topics, and of our own topics. */
  readonly topics: readonly string[]
  /** Stages that run in this process. */
  readonly stages: readonly string[]
  /** Stages of this process that a canary comes through. */
  readonly canaryStages: readonly string[]
}

/**
 * How many values of a list get series of their own, the first ones; the others are counted together as `other`. Which
 * they are must not change while a process runs, so it is not a matter of who is the most busy. With these a process
 * has fewer than 2,000 series whatever is configured.
 */
export const MOST_VALUES: Readonly<Record<keyof LabelLists, number>> = {
  formats: 30,
  detectors: 25,
  endpoints: 60,
  routes: 40,
  notReadyReasons: 30,
  sources: 150,
  topics: 160,
  stages: 10,
  canaryStages: 10,
}

/**
 * Names of the traffic of which the first ones of a ranking get series; all others are counted together as `other`. The
 * ranking is by what an attacker cannot make in numbers: callers that were seen for days, incidents, rare findings.
 */
export const MOST_RANKED = { namespaces: 30, riskyIdentities: 20, newEdges: 10 } as const
export type RankedList = keyof typeof MOST_RANKED
export type ListName = keyof LabelLists | RankedList

export const STAGES = [...PARTS, 'delivery'] as const
export type Stage = (typeof STAGES)[number]
/** Kinds of rows that an analyzer keeps. */
export const ENTITIES = ['identity', 'edge', 'credential', 'connection']
/** What an analyzer can say of a caller; `unseen` of one that is silent for far longer than is usual of it. */
export const CALLER_STATES = ['known', 'learning', 'silenced', 'unseen'] as const
/** How the use of a credential may differ from what is usual of it. */
export const DEVIATIONS = ['caller', 'address', 'dormant'] as const
/** How a notification that was owed may end. */
export const DELIVERY_RESULTS = ['delivered', 'failed', 'superseded']
const CODE_CLASSES = ['2xx', '3xx', '4xx', '5xx']
export const STORES = ['checkpoints', 'incidents', 'rejects', 'journal'] as const
export type StoreName = (typeof STORES)[number]
export const STORE_OPERATIONS = ['read', 'write', 'load'] as const

export const CATALOGUE = [
  {
    name: 'events_received_total',
    type: 'counter',
    help: 'Records that arrived, by kind of source and format.',
    labels: { source_kind: ['file', 'stdin', 'http', 'kafka'], format: 'formats' },
    of: ['collector'],
  },
  {
    name: 'events_accepted_total',
    type: 'counter',
    help: 'Events that went into the stream.',
    labels: {},
    of: ['collector'],
  },
  {
    name: 'rejects_total',
    type: 'counter',
    help: 'Records that were refused, by reason; they are kept in the rejects.',
    labels: { reason: Object.keys(REJECT_REASONS) },
    of: ['collector', 'analyzer'],
  },
  {
    name: 'late_events_total',
    type: 'counter',
    help: 'Events that came after the window of their time was closed.',
    labels: {},
    of: ['analyzer'],
  },
  {
    name: 'clock_skew_events_total',
    type: 'counter',
    help: 'Events whose time was more than a minute ahead of the wall clock and was set back to it.',
    labels: {},
    of: ['collector'],
  },
  {
    name: 'detector_can_evaluate',
    type: 'gauge',
    help: '1 when the sources of this process have shown all that a detector needs; 0 before their first event.',
    labels: { detector: 'detectors' },
    of: ['collector'],
  },
  {
    name: 'findings_total',
    type: 'counter',
    help: 'Findings inside the alert budget, by detector and severity.',
    labels: { detector: 'detectors', severity: SEVERITIES },
    of: ['analyzer'],
  },
  {
    name: 'incidents_opened_total',
    type: 'counter',
    help: 'Incidents that were opened, by the detector that opened them.',
    labels: { detector: 'detectors' },
    of: ['alerter'],
  },
  {
    name: 'incidents',
    type: 'gauge',
    help: 'Incidents in the store, by state and severity: the same from every alerter. NaN when the store cannot be read.',
    labels: { state: INCIDENT_STATES, severity: SEVERITIES },
    of: ['alerter'],
  },
  {
    name: 'deliveries_total',
    type: 'counter',
    help: 'Notifications that came to an end after they were owed, by endpoint and how.',
    labels: { endpoint: 'endpoints', result: DELIVERY_RESULTS },
    of: ['alerter'],
  },
  {
    name: 'notifications_dropped_total',
    type: 'counter',
    help: 'Notifications that were not owed to an endpoint, by reason.',
    labels: { reason: Object.keys(DROP_REASONS) },
    of: ['alerter'],
  },
  {
    name: 'delivery_attempts_total',
    type: 'counter',
    help: 'Attempts to deliver a notification, by outcome.',
    labels: { outcome: ATTEMPT_OUTCOMES },
    of: ['alerter'],
  },
  {
    name: 'delivery_queue_length',
    type: 'gauge',
    help: 'Notifications owed and not delivered yet: the same from every alerter. NaN when the store cannot be read.',
    labels: {},
    of: ['alerter'],
  },
  {
    name: 'delivery_oldest_timestamp_seconds',
    type: 'gauge',
    help: 'When the oldest notification still owed became owed; 0 when none is, NaN when the store cannot be read.',
    labels: {},
    of: ['alerter'],
  },
  {
    name: 'circuit_open',
    type: 'gauge',
    help: '1 while an endpoint fails so often that it is only probed.',
    labels: { endpoint: 'endpoints' },
    of: ['alerter'],
  },
  {
    name: 'stage_last_event_timestamp_seconds',
    type: 'gauge',
    help: 'Wall clock at which a stage last did something for an event; 0 before the first.',
    labels: { stage: 'stages' },
  },
  {
    name: 'watermark_timestamp_seconds',
    type: 'gauge',
    help: 'Event time before which no more rows are expected; 0 before the first.',
    labels: {},
    of: ['collector', 'analyzer'],
  },
  {
    name: 'entities',
    type: 'gauge',
    help: 'Rows of state in memory, by kind.',
    labels: { kind: ENTITIES },
    of: ['analyzer'],
  },
  {
    name: 'checkpoint_duration_seconds',
    type: 'histogram',
    help: 'Time that writing a checkpoint took.',
    labels: {},
    of: ['analyzer'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
  },
  {
    name: 'checkpoint_bytes',
    type: 'gauge',
    help: 'Size of the last checkpoint.',
    labels: {},
    of: ['analyzer'],
  },
  {
    name: 'api_requests_total',
    type: 'counter',
    help: 'Requests answered, by route and class of status.',
    labels: { route: 'routes', code_class: CODE_CLASSES },
  },
  {
    name: 'stage_duration_seconds',
    type: 'histogram',
    help: 'Time that one batch took in a stage; in the stage delivery, one attempt.',
    labels: { stage: 'stages' },
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    exemplars: true,
  },
  {
    name: 'canary_timestamp_seconds',
    type: 'gauge',
    help: 'Stamp of the newest canary that came through a stage in every partition that this process has; 0 before the first, NaN while it has no partition.',
    labels: { stage: 'canaryStages' },
  },
  {
    name: 'source_last_record_timestamp_seconds',
    type: 'gauge',
    help: 'Wall clock at which a configured source last gave this process a record, or was found unchanged where it is read as a whole, as a revocation list is; 0 before the first.',
    labels: { source: 'sources' },
    of: ['collector'],
  },
  {
    name: 'lifecycle_events_total',
    type: 'counter',
    help: 'Credential lifecycle events that went into the stream, by action.',
    labels: { action: LIFECYCLE_ACTIONS },
    of: ['collector'],
  },
  {
    name: 'credential_uses_total',
    type: 'counter',
    help: 'Calls that presented a credential, by its kind; one that two sides report is counted for both.',
    labels: { kind: CREDENTIAL_KINDS },
    of: ['collector'],
  },
  {
    name: 'denied_calls_total',
    type: 'counter',
    help: 'Calls that the callee or the mesh refused, by reason; one that two sides report is counted for both.',
    labels: { reason: DENIAL_REASONS },
    of: ['collector'],
  },
  {
    name: 'credential_rotation_age_seconds',
    type: 'histogram',
    help: 'Age of a credential when it was renewed, rotated or superseded; of those whose issue this process has seen.',
    labels: {},
    of: ['collector'],
    buckets: [300, 1800, 3600, 14_400, 43_200, 86_400, 604_800, 2_592_000, 7_776_000, 31_536_000],
  },
  {
    name: 'credential_lifetime_left_seconds',
    type: 'histogram',
    help: 'What was left of the validity of a credential when it was presented on a new connection, 0 when it was over; of those whose issue is known.',
    labels: {},
    of: ['analyzer'],
    buckets: [0, 300, 1800, 3600, 14_400, 43_200, 86_400, 604_800, 2_592_000, 31_536_000],
  },
  {
    name: 'credential_uses_outside_baseline_total',
    type: 'counter',
    help: 'New connections on which a credential was presented by another caller or from another address than on its connections before, and uses after a week without any.',
    labels: { deviation: DEVIATIONS },
    of: ['analyzer'],
  },
  {
    name: 'findings_outside_budget_total',
    type: 'counter',
    help: 'Findings beyond the alert budget of their detector, which open no incident.',
    labels: { detector: 'detectors' },
    of: ['analyzer'],
  },
  {
    name: 'incident_acknowledge_duration_seconds',
    type: 'histogram',
    help: 'Time from the first finding of an incident to its acknowledgement.',
    labels: {},
    of: ['alerter'],
    buckets: [60, 300, 900, 3600, 14_400, 86_400],
  },
  {
    name: 'incident_oldest_open_timestamp_seconds',
    type: 'gauge',
    help: 'When the oldest incident opened that nobody has acknowledged; 0 when there is none, NaN when the store cannot be read.',
    labels: {},
    of: ['alerter'],
  },
  {
    name: 'delivery_attempt_duration_seconds',
    type: 'histogram',
    help: 'Time that one attempt to deliver a notification took, however it ended.',
    labels: {},
    of: ['alerter'],
    buckets: [0.05, 0.2, 0.5, 1, 2, 5, 10, 30],
    exemplars: true,
  },
  {
    name: 'callers',
    type: 'gauge',
    help: 'Identities that call others, by Kubernetes namespace and what is known of them; each is in one process.',
    labels: { namespace: 'namespaces', state: CALLER_STATES },
    of: ['analyzer'],
  },
  {
    name: 'namespace_incidents',
    type: 'gauge',
    help: 'Incidents not resolved, of the newest 1,000, with a caller of the namespace: the same from every alerter. NaN when the store cannot be read.',
    labels: { namespace: 'namespaces' },
    of: ['alerter'],
  },
  {
    name: 'identity_risk_score',
    type: 'gauge',
    help: 'Sum of the weights of the incidents not resolved, of the newest 1,000, in which an identity is a caller: critical 100, high 30, medium 10, low 3, info 1. NaN when the store cannot be read.',
    labels: { identity: 'riskyIdentities' },
    of: ['alerter'],
  },
  {
    name: 'new_edge_surprise',
    type: 'gauge',
    help: 'Bits of surprise of the calls between two identities that were first seen in the last hour and became findings.',
    labels: { edge: 'newEdges' },
    of: ['analyzer'],
  },
  {
    name: 'delivery_pause_seconds',
    type: 'histogram',
    help: 'Time for which an endpoint asked to be left alone: its Retry-After, or 5 s after a status that says slow down.',
    labels: {},
    of: ['alerter'],
    buckets: [1, 5, 15, 60, 300, 900, 3600],
  },
  {
    name: 'attempts_per_delivery',
    type: 'histogram',
    help: 'Attempts that a notification had taken when it was delivered or given up.',
    labels: {},
    of: ['alerter'],
    buckets: [1, 2, 3, 5, 10, 20, 40],
  },
  {
    name: 'store_errors_total',
    type: 'counter',
    help: 'Calls of a store that failed: SQLite, or Redis for roles in processes of their own.',
    labels: { store: STORES },
  },
  {
    name: 'store_call_duration_seconds',
    type: 'histogram',
    help: 'Time that a call of a store took, however it ended: SQLite, or Redis for roles in processes of their own. Load is the claim of a partition with all its state.',
    labels: { store: STORES, operation: STORE_OPERATIONS },
    buckets: [0.0005, 0.002, 0.01, 0.05, 0.2, 1, 5],
  },
  {
    name: 'consumer_lag_records',
    type: 'gauge',
    help: 'Records of a topic that are in the partitions of this process and that it has not read yet.',
    labels: { topic: 'topics' },
  },
  {
    name: 'lost_records_total',
    type: 'counter',
    help: 'Records of a topic that were deleted before this process had read them.',
    labels: { topic: 'topics' },
  },
  {
    name: 'rebalances_total',
    type: 'counter',
    help: 'Times that a consumer group gave this process other partitions, the first time included.',
    labels: {},
  },
  {
    name: 'metric_overflow_total',
    type: 'counter',
    help: 'Samples that were counted as other, because a label value has no series of its own.',
    labels: {},
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
