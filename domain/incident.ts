import type { Finding, Severity } from './finding.ts'

export const INCIDENT_STATES = ['open', 'acknowledged', 'resolved'] as const
export type IncidentState = (typeof INCIDENT_STATES)[number]

/** What a person said about an incident. */
export interface Comment {
  readonly time: number
  readonly author: string
  readonly text: string
}

/** One change of state, by a person (wall clock) or by the system (event time). */
export interface Transition {
  readonly time: number
  readonly state: IncidentState
  readonly by: string
  readonly reason?: string
}

/**
 * Findings grouped for a person. The version rises only when something a person would want to know changed:
 * state, severity, a detector or subject that was not part of it before.
 */
export interface Incident {
  /** Hash of the group and the first finding's id. */
  readonly id: string
  readonly version: number
  /** Rises with every write, also of what no version tells: what a writer compares so that no change is lost. */
  readonly revision: number
  readonly state: IncidentState
  readonly severity: Severity
  /** What findings are grouped by: `identity:<caller>` or `credential:<key>`. */
  readonly group: string
  readonly title: string
  readonly detectors: readonly string[]
  readonly callers: readonly string[]
  readonly callees: readonly string[]
  /** Event time of the first and the last finding, epoch ms. */
  readonly openedAt: number
  readonly lastFindingAt: number
  /** Event time at which it resolves by itself when no more arrives. */
  readonly resolvesAt: number
  /** Findings folded in; `findings` holds the first and the latest ones. */
  readonly findingCount: number
  readonly findings: readonly Finding[]
  /** Incidents that share a caller or continue its path (callee of one is caller of the other). */
  readonly related: readonly string[]
  readonly transitions: readonly Transition[]
  readonly comments: readonly Comment[]
}

/** What the list of incidents shows. */
export type IncidentSummary = Omit<Incident, 'findings' | 'transitions' | 'comments'>

export const INCIDENT_EVENTS = [
  'incident.opened',
  'incident.updated',
  'incident.acknowledged',
  'incident.resolved',
] as const
export type IncidentEvent = (typeof INCIDENT_EVENTS)[number]

/** What one version of an incident has to tell, kept as it was then, so that every repeat has the same bytes. */
export interface Notification {
  readonly type: IncidentEvent
  /** Time of the change, epoch ms: event time, or wall clock where a person made it. */
  readonly time: number
  readonly incident: IncidentSummary
  /** The first finding and the latest ones, with a few rows of evidence each. */
  readonly findings: readonly Finding[]
  /** Who changed the state, when that is what the notification tells. */
  readonly by?: string
}

/** Why a notification was not sent: the closed list. */
export const DROP_REASONS = {
  'severity-info': 'the incident is of severity info, which never notifies',
  'below-minimum-severity': 'the endpoint asks for a higher severity',
  'endpoint-disabled':
    'the endpoint answered 410 Gone and is switched off: give it another name to use it again',
  'endpoint-removed': 'the configuration no longer names the endpoint',
} as const
export type DropReason = keyof typeof DROP_REASONS

/** How an attempt to deliver ended, as a metric label and as `lastError`. */
export const ATTEMPT_OUTCOMES = [
  'delivered',
  'timeout',
  'dns',
  'connect',
  'tls',
  'forbidden-address',
  'forbidden-url',
  'redirect',
  'gone',
  'rate-limited',
  'status-4xx',
  'status-5xx',
  'protocol',
] as const
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number]

export const DELIVERY_STATES = ['owed', 'delivered', 'failed', 'superseded', 'dropped'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** One notification owed: derived, never random, so a repeat is recognised. */
export interface Delivery {
  /** Hash of (incident id, version, endpoint): the `webhook-id`. */
  readonly id: string
  readonly endpoint: string
  readonly incident: string
  readonly version: number
  readonly severity: Severity
  readonly type: IncidentEvent
  readonly attempts: number
  /** Wall clock, epoch ms, of the next attempt. */
  readonly dueAt: number
  /** Wall clock at which the delivery became owed. */
  readonly createdAt: number
  readonly state: DeliveryState
  /** Why the last attempt failed, or why it was dropped. */
  readonly lastError?: Exclude<AttemptOutcome, 'delivered'> | DropReason
}

/** A delivery with what it has to tell. */
export interface OwedDelivery extends Delivery {
  readonly notification: Notification
}
