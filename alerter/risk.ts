import type { Severity } from '../domain/finding.ts'
import { kubernetesNamespaceOf } from '../domain/identity.ts'
import type { IncidentSummary } from '../domain/incident.ts'

/** About three times as much for each severity: one critical incident outweighs any three high ones. */
const WEIGHTS: Readonly<Record<Severity, number>> = { info: 1, low: 3, medium: 10, high: 30, critical: 100 }

/** Of each caller in these incidents, the sum of their weights. */
export function riskOf(incidents: readonly IncidentSummary[]): Map<string, number> {
  const risks = new Map<string, number>()
  for (const { callers, severity } of incidents)
    for (const caller of callers) risks.set(caller, (risks.get(caller) ?? 0) + WEIGHTS[severity])
  return risks
}

/** How many of these incidents have a caller of a Kubernetes namespace; callers that name none are under `other`. */
export function incidentsByNamespace(incidents: readonly IncidentSummary[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { callers } of incidents) {
    const namespaces = new Set(callers.map((caller) => kubernetesNamespaceOf(caller) ?? 'other'))
    for (const namespace of namespaces) counts.set(namespace, (counts.get(namespace) ?? 0) + 1)
  }
  return counts
}
