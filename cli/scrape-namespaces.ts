import { incidentsByNamespace, riskOf } from '../alerter/risk.ts'
import { type CallerCounts, countCallers, type NamespaceMemo } from '../analyzer/engine/callers.ts'
import type { Engine } from '../analyzer/engine/engine.ts'
import type { IncidentSummary } from '../domain/incident.ts'
import { CALLER_STATES } from '../io/metric-catalogue.ts'
import type { Metrics } from '../io/metrics.ts'

/** What this process knows of namespaces: of its own callers, and of the incidents in the store. */
export interface NamespaceScrape {
  /** Counts the callers of the engines. */
  callers(metrics: Metrics, engines: readonly Engine[]): void
  /** Counts what is not resolved; undefined when the store does not say. */
  incidents(metrics: Metrics, unresolved: readonly IncidentSummary[] | undefined): void
}

/** More callers than a process can have. */
const MOST_CALLERS = 1e9

interface Known {
  callers: ReadonlyMap<string, CallerCounts>
  /** As the store said last. */
  incidents: ReadonlyMap<string, number>
  /** True while the store does not say. */
  isUnknown: boolean
}

export function createNamespaceScrape(): NamespaceScrape {
  const memos = new WeakMap<Engine, NamespaceMemo>()
  const known: Known = { callers: new Map(), incidents: new Map(), isUnknown: false }
  return {
    callers: (metrics, engines) => {
      const parts = engines.map((engine) => countCallers(engine, memoOf(memos, engine)))
      known.callers = addUp(parts, (name) => name)
      setNamespaces(metrics, known)
    },
    incidents: (metrics, unresolved) => {
      known.isUnknown = unresolved === undefined
      if (unresolved !== undefined) known.incidents = incidentsByNamespace(unresolved)
      setNamespaces(metrics, known)
      setRisks(metrics, unresolved)
    },
  }
}

/** Namespaces with incidents come first, then those with most callers that were seen for long: these cannot be made up. */
function setNamespaces(metrics: Metrics, { callers, incidents, isUnknown }: Known): void {
  const labelOf = metrics.rank('namespaces', [
    ...[...incidents].map(([name, count]) => [name, count * MOST_CALLERS] as const),
    ...[...callers]
      .filter(([name]) => !incidents.has(name))
      .map(([name, { known }]) => [name, known] as const),
  ])
  const samples = [...addUp([callers], labelOf)].flatMap(([namespace, counts]) =>
    CALLER_STATES.map((state) => [{ namespace, state }, counts[state]] as const),
  )
  metrics.setAll('callers', samples, sum)
  if (isUnknown) return metrics.setUnknown('namespace_incidents')
  const counts = [...incidents].map(([name, count]) => [{ namespace: labelOf(name) }, count] as const)
  metrics.setAll('namespace_incidents', counts, sum)
}

function setRisks(metrics: Metrics, unresolved: readonly IncidentSummary[] | undefined): void {
  if (unresolved === undefined) return metrics.setUnknown('identity_risk_score')
  const risks = riskOf(unresolved)
  const labelOf = metrics.rank('riskyIdentities', risks)
  const samples = [...risks].map(([identity, risk]) => [{ identity: labelOf(identity) }, risk] as const)
  metrics.setAll('identity_risk_score', samples, Math.max)
}

function sum(a: number, b: number): number {
  return a + b
}

function memoOf(memos: WeakMap<Engine, NamespaceMemo>, engine: Engine): NamespaceMemo {
  const memo = memos.get(engine) ?? { names: [], namespaces: [] }
  memos.set(engine, memo)
  return memo
}

/** The sums of what many partitions, or many namespaces under one label, have. */
function addUp(parts: readonly ReadonlyMap<string, CallerCounts>[], nameOf: (name: string) => string) {
  const sums = new Map<string, CallerCounts>()
  for (const part of parts)
    for (const [name, counts] of part) {
      const named = nameOf(name)
      const before = sums.get(named)
      if (before === undefined) sums.set(named, { ...counts })
      else for (const state of CALLER_STATES) before[state] += counts[state]
    }
  return sums
}
