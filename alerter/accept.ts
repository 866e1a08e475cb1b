import type { Finding } from '../domain/finding.ts'
import { groupOf } from '../domain/group.ts'
import type { Incident } from '../domain/incident.ts'
import type { IncidentStore } from '../domain/ports.ts'
import { type Committed, commit, type Desk, type Step } from './commit.ts'
import { fold, type Known } from './fold.ts'
import { lapse, number } from './life.ts'
import { RELATED_MS } from './related.ts'

/** Incidents that one tick resolves at most: the rest waits for the next, so that no tick blocks for long. */
const LAPSES_PER_TICK = 200

/** Takes findings into incidents, in the order in which they were said; `next` is stored even when there are none. */
export async function accept(desk: Desk, findings: readonly Finding[], next?: number): Promise<Committed> {
  const place = next === undefined ? {} : { nextFinding: next }
  if (findings.length === 0) return commit(desk, async () => ({ updates: [], findings: [], ...place }))
  return commit(desk, async () => {
    const seen = await desk.store.seen(findings.map((finding) => finding.id))
    const fresh = findings.filter((finding) => finding.withinBudget && !seen.has(finding.id))
    if (fresh.length === 0) return { updates: [], findings: [], ...place }
    return { ...fold(fresh, { ...(await known(desk, fresh)), seen }, desk.fold), ...place }
  })
}

/** Resolves incidents that have been quiet for long enough at `time` (event time, epoch ms). */
export async function tick(desk: Desk, time: number): Promise<Committed> {
  await desk.store.forgetWaiting(time - desk.fold.agreementMs - RELATED_MS)
  return commit(desk, async (): Promise<Step> => {
    const overdue = await desk.store.overdue(time, LAPSES_PER_TICK)
    return { updates: overdue.map((before) => number({ before, after: lapse(before) })), findings: [] }
  })
}

async function known(
  desk: Desk,
  findings: readonly Finding[],
): Promise<Pick<Known, 'unresolved' | 'waiting' | 'neighbours'>> {
  const groups = [...new Set(findings.map(groupOf))]
  const earliest = Math.min(...findings.map((finding) => finding.end))
  const latest = Math.max(...findings.map((finding) => finding.end))
  const [unresolved, waiting] = await Promise.all([
    desk.store.unresolved(groups),
    desk.store.waiting(groups, earliest - desk.fold.agreementMs),
  ])
  const neighbours = await neighboursOf(desk.store, [...findings, ...waiting], {
    unresolved,
    since: earliest - desk.fold.agreementMs - RELATED_MS,
    until: latest + RELATED_MS,
  })
  return { unresolved, waiting, neighbours }
}

async function neighboursOf(
  store: IncidentStore,
  findings: readonly Finding[],
  near: { unresolved: readonly Incident[]; since: number; until: number },
): Promise<readonly Incident[]> {
  const identities = new Set<string>()
  for (const { caller, callee } of findings) identities.add(caller).add(callee ?? caller)
  for (const { callers, callees } of near.unresolved)
    for (const name of [...callers, ...callees]) identities.add(name)
  return store.touching([...identities], near)
}
