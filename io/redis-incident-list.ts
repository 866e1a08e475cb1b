import { SEVERITIES } from '../domain/finding.ts'
import { INCIDENT_STATES, type Incident, type IncidentSummary } from '../domain/incident.ts'
import type { IncidentCount, IncidentFilter, IncidentPage } from '../domain/ports.ts'
import { type AlertPartition, alertScript, ask, keyOf, member, timeText } from './redis-alerts.ts'
import { loadIncidents } from './redis-incident-read.ts'

/** Walks through the index from the newest to the oldest: every range of it is in order of time, then id. */

/** Values: where to begin and to end as texts of ranges, how many, then what the members begin with. */
const NEWEST = alertScript(
  'meshwatchNewestIncidents',
  `
local from, to, most = take(), take(), tonumber(take())
local places, known = {}, {}
for i = 4, #ARGV do
  local prefix = ARGV[i]
  local range = {'(' .. prefix .. from, '[' .. prefix .. to}
  for _, found in ipairs(call('ZREVRANGEBYLEX', INDEX, range[1], range[2], 'LIMIT', 0, most)) do
    local place = found:sub(#prefix + 1)
    if not known[place] then
      known[place] = true
      places[#places + 1] = place
    end
  end
end
table.sort(places, function(a, b) return a > b end)
return {unpack(places, 1, math.min(most, #places))}`,
)

/** Sorts behind every time. */
const END_OF_TIME = ':'

interface Stretch {
  /** Everything older than this place is shown. */
  readonly before: string
  readonly since: string
}

function stretchOf({ since, until }: IncidentFilter, after?: IncidentPage['next']): Stretch {
  const ends = [
    ...(until === undefined ? [] : [timeText(Math.trunc(until) + 1)]),
    ...(after === undefined ? [] : [member(timeText(after.openedAt), after.id)]),
  ]
  return { before: ends.sort()[0] ?? END_OF_TIME, since: since === undefined ? '' : timeText(since) }
}

/** Few incidents have one identity; a detector has many, so its members are walked only when nothing else narrows. */
function prefixesOf({ identity, detector, state, severity }: IncidentFilter): string[] {
  if (identity !== undefined) return [member('identity', identity, '')]
  if (detector !== undefined && !state && !severity) return [member('detector', detector, '')]
  return (state ?? INCIDENT_STATES).flatMap((one) =>
    (severity ?? SEVERITIES).map((other) => member('state', one, other, '')),
  )
}

function fits({ state, severity, detector, identity }: IncidentFilter) {
  return (incident: IncidentSummary): boolean =>
    (state?.includes(incident.state) ?? true) &&
    (severity?.includes(incident.severity) ?? true) &&
    (detector === undefined || incident.detectors.includes(detector)) &&
    (identity === undefined || incident.callers.includes(identity) || incident.callees.includes(identity))
}

const PLACES_AT_ONCE = 200

export async function listIncidents(
  at: AlertPartition,
  filter: IncidentFilter,
  { limit, after }: { readonly limit: number; readonly after?: IncidentPage['next'] },
): Promise<IncidentPage> {
  const prefixes = prefixesOf(filter)
  let { before, since } = stretchOf(filter, after)
  const found: IncidentSummary[] = []
  while (found.length <= limit) {
    const most = Math.min(PLACES_AT_ONCE, limit + 1)
    const places = await ask(at, NEWEST, [before, since, most, ...prefixes])
    found.push(...(await summaries(at, places)).filter(fits(filter)))
    if (places.length < most) break
    before = places[places.length - 1]
  }
  const incidents = found.slice(0, limit)
  const last = incidents.at(-1)
  const next = found.length > limit && last && { openedAt: last.openedAt, id: last.id }
  return { incidents, ...(next && { next }) }
}

async function summaries(at: AlertPartition, places: readonly string[]): Promise<IncidentSummary[]> {
  if (places.length === 0) return []
  const ids = places.map(idOf)
  const found = (await at.redis.command('hmget', keyOf(at, 'summaries'), ...ids)) as (string | null)[]
  return found.filter((json) => json !== null).map((json) => JSON.parse(json))
}

function idOf(place: string): string {
  return place.slice(place.indexOf('\0') + 1)
}

const TOUCHING = 100
const IDENTITIES_AT_ONCE = 20

/** The newest 100 that have one of the identities. */
export async function touching(
  at: AlertPartition,
  identities: readonly string[],
  opened: { readonly since: number; readonly until: number },
): Promise<Incident[]> {
  const { before, since } = stretchOf(opened)
  const places = new Set<string>()
  for (let from = 0; from < identities.length; from += IDENTITIES_AT_ONCE) {
    const prefixes = identities
      .slice(from, from + IDENTITIES_AT_ONCE)
      .map((name) => member('identity', name, ''))
    for (const place of await ask(at, NEWEST, [before, since, TOUCHING, ...prefixes])) places.add(place)
  }
  const newest = [...places].sort((a, b) => (a < b ? 1 : -1)).slice(0, TOUCHING)
  return loadIncidents(at, newest.map(idOf))
}

const COUNTS = alertScript(
  'meshwatchCountIncidents',
  `
local counts = {}
for i, prefix in ipairs(ARGV) do
  counts[i] = call('ZLEXCOUNT', INDEX, '[' .. prefix, '(' .. prefix .. '${END_OF_TIME}')
end
return counts`,
)

export async function countIncidents(at: AlertPartition): Promise<IncidentCount[]> {
  const kinds = INCIDENT_STATES.flatMap((state) => SEVERITIES.map((severity) => ({ state, severity })))
  const counts = await ask(
    at,
    COUNTS,
    kinds.map(({ state, severity }) => member('state', state, severity, '')),
  )
  return kinds.map((kind, i) => ({ ...kind, count: Number(counts[i]) })).filter(({ count }) => count > 0)
}

const OLDEST = alertScript(
  'meshwatchOldestIncidents',
  `
local times = {}
for i, prefix in ipairs(ARGV) do
  local range = {'[' .. prefix, '(' .. prefix .. '${END_OF_TIME}'}
  local found = call('ZRANGEBYLEX', INDEX, range[1], range[2], 'LIMIT', 0, 1)[1]
  if found then times[#times + 1] = found:sub(#prefix + 1) end
end
return times`,
)

export async function oldestOpen(at: AlertPartition): Promise<number | undefined> {
  const places = await ask(at, OLDEST, prefixesOf({ state: ['open'] }))
  const times = places.map((place) => Number(place.slice(0, place.indexOf('\0'))))
  return times.length === 0 ? undefined : Math.min(...times)
}
