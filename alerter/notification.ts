import type { Finding } from '../domain/finding.ts'
import type { Incident, IncidentEvent, Notification } from '../domain/incident.ts'

const FIRST_FINDINGS = 3
const LAST_FINDINGS = 2
const MAX_EVIDENCE = 3

/** What there is to tell about this version of the incident, in a size that an outbox of thousands can keep. */
export function notificationOf(incident: Incident, type: IncidentEvent): Notification {
  const { findings, transitions, comments: _, ...summary } = incident
  const last = transitions.at(-1)
  const isMove = type === 'incident.acknowledged' || type === 'incident.resolved'
  return {
    type,
    time: isMove && last !== undefined ? last.time : incident.lastFindingAt,
    incident: summary,
    findings: pick(findings).map((finding) => ({
      ...finding,
      evidence: finding.evidence.slice(0, MAX_EVIDENCE),
    })),
    ...(isMove && last !== undefined && { by: last.by }),
  }
}

function pick(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= FIRST_FINDINGS + LAST_FINDINGS) return findings
  return [...findings.slice(0, FIRST_FINDINGS), ...findings.slice(-LAST_FINDINGS)]
}
