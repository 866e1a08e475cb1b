import { SEVERITIES } from '../domain/finding.ts'
import type { Incident, OwedDelivery } from '../domain/incident.ts'
import type { IncidentChange, SeenFinding } from '../domain/ports.ts'
import type { RedisValue } from './redis.ts'
import { member, timeText } from './redis-alerts.ts'

/** The values of a change behind its token and offsets. */
export function writeChange(
  { incidents, findings, superseded, deliveries }: IncidentChange,
  expectedRevisions: ReadonlyMap<string, number>,
): RedisValue[] {
  return [
    expectedRevisions.size,
    ...[...expectedRevisions].flat(),
    incidents.length,
    ...incidents.flatMap(writeIncident),
    findings.length,
    ...findings.flatMap(writeFinding),
    superseded.length,
    ...superseded,
    deliveries.length,
    ...deliveries.flatMap(writeDelivery),
  ]
}

function writeIncident(incident: Incident): RedisValue[] {
  const { findings, transitions, comments, ...summary } = incident
  const { id, openedAt, state, severity, group, resolvesAt, revision } = incident
  const place = [timeText(openedAt), id] as const
  const identities = new Set([...incident.callers, ...incident.callees])
  const terms = [
    ...incident.detectors.map((name) => member('detector', name, ...place)),
    ...[...identities].map((name) => member('identity', name, ...place)),
  ]
  return [
    id,
    revision,
    member('state', state, severity, ...place),
    group,
    state === 'resolved' ? '' : resolvesAt,
    JSON.stringify(summary),
    JSON.stringify({ findings, transitions, comments }),
    terms.length,
    ...terms,
  ]
}

function writeFinding({ id, group, time, waiting }: SeenFinding): RedisValue[] {
  return [id, member(group, timeText(time), id), time, waiting === undefined ? '' : JSON.stringify(waiting)]
}

function writeDelivery(delivery: OwedDelivery): RedisValue[] {
  const { attempts, dueAt, state, lastError, notification, ...fixed } = delivery
  const { id, endpoint, incident, version, severity, createdAt } = fixed
  const urgency = String(SEVERITIES.length - SEVERITIES.indexOf(severity))
  return [
    id,
    JSON.stringify(fixed),
    state,
    attempts,
    dueAt,
    lastError ?? '',
    member(endpoint, urgency, timeText(createdAt), id),
    member('delivery', incident, timeText(version), endpoint, id),
    createdAt,
    state === 'owed' ? JSON.stringify(notification) : '',
  ]
}
