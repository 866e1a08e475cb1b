import type { Fact } from '../domain/decision.ts'
import type { Incident } from '../domain/incident.ts'

/** What analyzers are told of incidents that opened or were resolved: their callers are not learned from meanwhile. */
export function incidentFacts(
  updates: readonly { readonly before?: Incident | undefined; readonly after: Incident }[],
): Fact[] {
  return updates.flatMap(({ before, after }): Fact[] => {
    const open = after.state !== 'resolved'
    const known = before === undefined || before.state === 'resolved' ? [] : before.callers
    const callers = open ? after.callers.filter((caller) => !known.includes(caller)) : after.callers
    return callers.map((caller) => ({ fact: 'incident', caller, open, time: after.lastFindingAt }))
  })
}
