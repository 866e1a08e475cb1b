import { type Finding, SEVERITIES, type Severity } from '../domain/finding.ts'
import { derivedId, type Sha256Hex } from '../domain/hash.ts'
import type { Incident } from '../domain/incident.ts'

/**
 * An incident and the findings in it. Everything kept is bounded: a sweep over ten thousand callees must neither grow
 * one incident nor page ten thousand times, so names beyond the limit are counted as findings only.
 */
export const MAX_NAMES = 50
const FIRST_FINDINGS = 5
const LAST_FINDINGS = 15
const MAX_TITLE = 200

/** An incident that has no finding yet; its id is derived, so the same log opens the same incident. */
export function openIncident(group: string, first: Finding, sha256Hex: Sha256Hex): Incident {
  return {
    id: derivedId(sha256Hex, ['incident', group, first.id]),
    version: 1,
    revision: 1,
    state: 'open',
    severity: 'info',
    group,
    title: '',
    detectors: [],
    callers: [],
    callees: [],
    openedAt: first.end,
    lastFindingAt: first.end,
    resolvesAt: first.end,
    findingCount: 0,
    findings: [],
    related: [],
    transitions: [{ time: first.end, state: 'open', by: 'meshwatch' }],
    comments: [],
  }
}

/**
 * The incident with one more finding. Neither version nor revision change here. A finding of severity info is only
 * kept: it changes nothing that would be told to anybody.
 * @param resolvesAt event time until which this finding keeps the incident from resolving by itself
 */
export function attach(incident: Incident, finding: Finding, resolvesAt: number): Incident {
  const kept = {
    ...incident,
    lastFindingAt: Math.max(incident.lastFindingAt, finding.end),
    resolvesAt: Math.max(incident.resolvesAt, resolvesAt),
    findingCount: incident.findingCount + 1,
    findings: keepEnds([...incident.findings, finding]),
  }
  if (finding.severity === 'info') return kept
  const worse = rank(finding.severity) > rank(incident.severity)
  return {
    ...kept,
    severity: worse ? finding.severity : incident.severity,
    title: worse || incident.title === '' ? titleOf(finding) : incident.title,
    detectors: withName(incident.detectors, finding.detector),
    callers: withName(incident.callers, finding.caller),
    callees: withName(incident.callees, finding.callee),
  }
}

/** The text of the finding, or as many whole words of it as fit; a name that is longer than a line may be cut. */
function titleOf({ text }: Finding): string {
  if (text.length <= MAX_TITLE) return text
  const fits = text.slice(0, MAX_TITLE)
  return `${fits.replace(/\s\S{0,79}$/u, '').slice(0, MAX_TITLE - 1)}…`
}

/** The first and the latest: how it began, and what it does now. */
function keepEnds(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= FIRST_FINDINGS + LAST_FINDINGS) return findings
  return [...findings.slice(0, FIRST_FINDINGS), ...findings.slice(-LAST_FINDINGS)]
}

function withName(names: readonly string[], name: string | undefined): readonly string[] {
  if (name === undefined || name === '' || names.includes(name) || names.length >= MAX_NAMES) return names
  return [...names, name]
}

/** Place of a severity in the order from `info` to `critical`. */
export function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}
