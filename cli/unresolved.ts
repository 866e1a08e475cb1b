import type { IncidentSummary } from '../domain/incident.ts'
import type { IncidentStore } from '../domain/ports.ts'

const PAGE = 200
const MOST_PAGES = 5

/** Incidents that are not resolved: the newest 1,000. */
export async function unresolvedIn(store: IncidentStore): Promise<readonly IncidentSummary[]> {
  const found: IncidentSummary[] = []
  let next: Parameters<IncidentStore['list']>[2]
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await store.list({ state: ['open', 'acknowledged'] }, PAGE, next)
    found.push(...answer.incidents)
    next = answer.next
    if (next === undefined) break
  }
  return found
}
