import type { Finding, Severity } from './finding.ts'

export const INCIDENT_STATES = ['open', 'acknowledged', 'resolved'] as const
export type IncidentState = (typeof INCIDENT_STATES)[number]

/** What a person said about an incident. */
export interface Comment {
  readonly time: number
  readonly author: string
  readonly text: string
}

/** One change of state, by a person or by the system. */
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
  /** Findings folded in; `findings` holds the first and the latest ones. */
  readonly findingCount: number
  readonly findings: readonly Finding[]
  /** Incidents that share a caller or continue its path (callee of one is caller of the other). */
  readonly related: readonly string[]
  readonly transitions: readonly Transition[]
  readonly comments: readonly Comment[]
}

/** One notification owed: derived, never random, so a repeat is recognised. */
export interface Delivery {
  /** Hash of (incident id, version, endpoint): the `webhook-id`. */
  readonly id: string
  readonly endpoint: string
  readonly incident: string
  readonly version: number
  readonly severity: Severity
  /** Event type, e.g. `incident.opened`. */
  readonly type: string
  readonly attempts: number
  /** Wall clock, epoch ms, of the next attempt. */
  readonly dueAt: number
  /** Wall clock at which the delivery became owed. */
  readonly createdAt: number
  readonly state: 'owed' | 'delivered' | 'failed' | 'superseded'
  /** Why the last attempt failed, from a closed list. */
  readonly lastError?: string
}
