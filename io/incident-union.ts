import type { Delivery, Incident } from '../domain/incident.ts'
import type { IncidentCount, IncidentFilter, IncidentPage, IncidentStore } from '../domain/ports.ts'

/** What a person asks about incidents, wherever they are kept. */
export interface IncidentReader
  extends Pick<IncidentStore, 'get' | 'list' | 'counts' | 'oldestOpen' | 'deliveries' | 'outbox'> {
  /** The store that holds an incident: whoever changes it writes there. */
  homeOf(id: string): Promise<IncidentStore | undefined>
}

/** Reads several stores as one, for example those of all findings partitions. */
export function unionOf(stores: readonly IncidentStore[]): IncidentReader {
  const all = <Answer>(ask: (store: IncidentStore) => Promise<Answer>) => Promise.all(stores.map(ask))
  return {
    get: async (id): Promise<Incident | undefined> => first(await all((store) => store.get(id))),
    homeOf: async (id) => {
      const found = await all((store) => store.get(id))
      return stores[found.findIndex((incident) => incident !== undefined)]
    },
    list: async (filter: IncidentFilter, limit: number, after?: IncidentPage['next']) =>
      merge(await all((store) => store.list(filter, limit, after)), limit),
    counts: async () => sum((await all((store) => store.counts())).flat()),
    oldestOpen: async () => least(await all((store) => store.oldestOpen())),
    deliveries: async (id): Promise<readonly Delivery[]> =>
      (await all((store) => store.deliveries(id))).flat(),
    outbox: async () => {
      const boxes = await all((store) => store.outbox())
      return {
        owed: boxes.reduce((count, { owed }) => count + owed, 0),
        oldestCreatedAt: least(boxes.map((box) => box.oldestCreatedAt)),
      }
    },
  }
}

function least(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

function first<Value>(values: readonly (Value | undefined)[]): Value | undefined {
  return values.find((value) => value !== undefined)
}

/** The newest of all pages: each store gave as many as one page holds, so none is left out. */
function merge(pages: readonly IncidentPage[], limit: number): IncidentPage {
  const sorted = pages
    .flatMap((page) => page.incidents)
    .sort((a, b) => b.openedAt - a.openedAt || (a.id < b.id ? 1 : -1))
  const incidents = sorted.slice(0, limit)
  const last = incidents.at(-1)
  const isMore = sorted.length > limit || pages.some((page) => page.next !== undefined)
  return { incidents, ...(isMore && last && { next: { openedAt: last.openedAt, id: last.id } }) }
}

function sum(counts: readonly IncidentCount[]): IncidentCount[] {
  const byKind = new Map<string, IncidentCount>()
  for (const { state, severity, count } of counts) {
    const kind = `${state} ${severity}`
    byKind.set(kind, { state, severity, count: count + (byKind.get(kind)?.count ?? 0) })
  }
  return [...byKind.values()]
}
