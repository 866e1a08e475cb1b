import type { Update } from '../alerter/life.ts'
import type { Fact } from '../domain/decision.ts'

/**
 * What analyzers are told of incidents: until when their callers are not learned from. They know it of what they found
 * themselves; this is for incidents that opened because detectors agreed, and for those that a person resolved.
 */
export function incidentFacts(updates: readonly Update[]): Fact[] {
  return updates.flatMap(({ before, after }): Fact[] => {
    const isOver = after.state === 'resolved'
    if (isOver && before?.state === 'resolved') return []
    if (isOver && after.transitions.at(-1)?.by === 'meshwatch') return []
    const until = isOver ? 0 : after.resolvesAt
    return after.callers.map((caller) => ({ fact: 'incident', caller, until, time: after.lastFindingAt }))
  })
}
