import type { Incident } from '../domain/incident.ts'

/** Incidents opened within this of each other may be steps of one attack. */
export const RELATED_MS = 24 * 3_600_000
const MAX_RELATED = 20

/** True when two incidents share a caller, or one goes on where the other arrived. */
export function areRelated(one: Incident, other: Incident): boolean {
  return (
    one.id !== other.id &&
    Math.abs(one.openedAt - other.openedAt) <= RELATED_MS &&
    (meet(one.callers, other.callers) || meet(one.callees, other.callers) || meet(one.callers, other.callees))
  )
}

function meet(names: readonly string[], others: readonly string[]): boolean {
  return names.some((name) => others.includes(name))
}

/** The incident with a link to the other; the same object when there was one, or no room for it. */
export function link(incident: Incident, other: string): Incident {
  if (incident.related.includes(other) || incident.related.length >= MAX_RELATED) return incident
  return { ...incident, related: [...incident.related, other] }
}
