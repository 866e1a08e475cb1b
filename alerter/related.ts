import type { Incident } from '../domain/incident.ts'

/** Incidents opened within this of each other may be steps of one attack. */
export const RELATED_MS = 24 * 3_600_000
const MAX_RELATED = 20

/**
 * The incidents, those that share a caller linked, and those of which one goes on where the other arrived. Where a
 * thousand certificates are revoked at once, a thousand incidents open: only those that share a name are compared.
 * @param isNew each of these is compared with all
 */
export function linkRelated(
  incidents: readonly Incident[],
  isNew: (incident: Incident) => boolean,
): readonly Incident[] {
  const linked = [...incidents]
  const calling = placesBy(incidents, ({ callers }) => callers)
  const called = placesBy(incidents, ({ callees }) => callees)
  for (const [at, incident] of incidents.entries()) {
    if (!isNew(incident)) continue
    const { callers, callees } = incident
    for (const other of inOrder([
      ...placesOf(calling, [...callers, ...callees]),
      ...placesOf(called, callers),
    ])) {
      if (other === at || (isFull(linked[at]) && isFull(linked[other]))) continue
      if (Math.abs(incident.openedAt - incidents[other].openedAt) > RELATED_MS) continue
      linked[at] = link(linked[at], incidents[other].id)
      linked[other] = link(linked[other], incident.id)
    }
  }
  return linked
}

type Places = ReadonlyMap<string, readonly number[]>

/** Places of the incidents that have a name, in order. */
function placesBy(
  incidents: readonly Incident[],
  namesOf: (incident: Incident) => readonly string[],
): Places {
  const places = new Map<string, number[]>()
  for (const [at, incident] of incidents.entries())
    for (const name of namesOf(incident)) {
      const known = places.get(name)
      if (known === undefined) places.set(name, [at])
      else known.push(at)
    }
  return places
}

function placesOf(places: Places, names: readonly string[]): readonly (readonly number[])[] {
  return names.flatMap((name) => {
    const found = places.get(name)
    return found === undefined ? [] : [found]
  })
}

/** Every place once, in the order of the incidents. */
function inOrder(lists: readonly (readonly number[])[]): readonly number[] {
  return lists.length === 1 ? lists[0] : [...new Set(lists.flat())].sort((a, b) => a - b)
}

const isFull = ({ related }: Incident): boolean => related.length >= MAX_RELATED

/** The incident with a link to the other; the same object when there was one, or no room for it. */
function link(incident: Incident, other: string): Incident {
  if (isFull(incident) || incident.related.includes(other)) return incident
  return { ...incident, related: [...incident.related, other] }
}
