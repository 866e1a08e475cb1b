import type { Update } from '../alerter/life.ts'
import type { Fact } from '../domain/decision.ts'

/**
 * What analyzers are told of incidents: that a person resolved one, so that its callers are learned from again. When
 * one opens and resolves by itself they work out themselves.
 */
export function incidentFacts(updates: readonly Update[]): Fact[] {
  return updates.flatMap(({ before, after }): Fact[] => {
    const act = after.transitions.at(-1)
    if (after.state !== 'resolved' || before?.state === 'resolved' || act?.by === 'meshwatch') return []
    return after.callers.map((caller) => ({ fact: 'incident', caller, until: 0, time: after.lastFindingAt }))
  })
}
