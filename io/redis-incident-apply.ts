import { SEVERITIES } from '../domain/finding.ts'
import type { Incident, OwedDelivery } from '../domain/incident.ts'
import type { IncidentChange, SeenFinding } from '../domain/ports.ts'
import type { RedisValue } from './redis.ts'
import { alertWrite, member, timeText } from './redis-alerts.ts'

/** Lua: a delivery that is owed no longer. What it has to tell is not needed again. */
export const CLOSE = `
local function unowe(id, kept)
  call('ZREM', OWEDINDEX, kept) call('ZREM', DUE, kept) call('ZREM', SINCE, kept)
  call('HDEL', NOTICES, id)
end
local function close(id, outcome, reason)
  local text = call('HGET', STATES, id)
  if not text then return end
  local state, attempts, dueAt, last, kept = text:match('^(.-)\\n(.-)\\n(.-)\\n(.-)\\n(.*)$')
  if state ~= 'owed' then return end
  call('HSET', STATES, id, table.concat({outcome, attempts, dueAt, reason or last, kept}, '\\n'))
  unowe(id, kept)
end`

/**
 * One step of the alerter: all of it or nothing. A change that is sent again is known by its token. Values: token, the
 * next finding, then counted lists: of next findings that may be stored now, revisions, incidents, findings, superseded
 * and new deliveries, each as `writeChange` puts them.
 */
export const APPLY = alertWrite(
  'meshwatchApplyIncidents',
  `${CLOSE}
local token, nextFinding = take(), take()
if call('LPOS', TOKENS, token) then return 'applied' end
local stored, isKnown = call('HGET', META, 'next') or '', false
for _ = 1, tonumber(take()) do isKnown = take() == stored or isKnown end
if owner ~= '' and not isKnown then return 'fenced' end
for _ = 1, tonumber(take()) do
  local id, revision = take(), take()
  local stored = call('HGET', REVISIONS, id)
  if (stored and stored:match('^%d+') or '0') ~= revision then return 'conflict' end
end
for _ = 1, tonumber(take()) do
  local id, revision, place, group, resolvesAt = take(), take(), take(), take(), take()
  local before = call('HGET', REVISIONS, id)
  if before then call('ZREM', INDEX, before:match('\\n(.*)$')) end
  call('HSET', REVISIONS, id, revision .. '\\n' .. place)
  call('ZADD', INDEX, 0, place)
  call('HSET', SUMMARIES, id, take())
  call('HSET', DETAILS, id, take())
  for _ = 1, tonumber(take()) do call('ZADD', INDEX, 0, take()) end
  if resolvesAt ~= '' then
    call('ZADD', LAPSES, resolvesAt, id)
    call('HSET', GROUPS, group, id)
  else
    call('ZREM', LAPSES, id)
    if call('HGET', GROUPS, group) == id then call('HDEL', GROUPS, group) end
  end
end
for _ = 1, tonumber(take()) do
  local id, place, time, json = take(), take(), take(), take()
  call('SADD', SEEN, id)
  if json ~= '' then
    call('ZADD', WAITINDEX, 0, place)
    call('ZADD', WAITS, time, place)
    call('HSET', WAITING, place, json)
  else
    call('ZREM', WAITINDEX, place) call('ZREM', WAITS, place) call('HDEL', WAITING, place)
  end
end
for _ = 1, tonumber(take()) do close(take(), 'superseded') end
for _ = 1, tonumber(take()) do
  local id, json, state, attempts, dueAt, reason, kept = take(), take(), take(), take(), take(), take(), take()
  local place, createdAt, notice = take(), take(), take()
  if call('HSETNX', DELIVERIES, id, json) == 1 then
    call('HSET', STATES, id, table.concat({state, attempts, dueAt, reason, kept}, '\\n'))
    call('ZADD', INDEX, 0, place)
    if state == 'owed' then
      call('HSET', NOTICES, id, notice)
      call('ZADD', OWEDINDEX, 0, kept) call('ZADD', DUE, dueAt, kept) call('ZADD', SINCE, createdAt, kept)
    end
  end
end
if nextFinding ~= '' then call('HSET', META, 'next', nextFinding) end
call('LPUSH', TOKENS, token)
call('LTRIM', TOKENS, 0, 63)
return 'applied'`,
)

/** The values of a change behind its token and offsets. */
export function writeChange(
  { incidents, findings, superseded, deliveries }: IncidentChange,
  expectedRevisions: ReadonlyMap<string, number>,
): RedisValue[] {
  return [
    expectedRevisions.size,
    ...[...expectedRevisions].flat(),
    incidents.length,
    ...incidents.flatMap(writeIncident),
    findings.length,
    ...findings.flatMap(writeFinding),
    superseded.length,
    ...superseded,
    deliveries.length,
    ...deliveries.flatMap(writeDelivery),
  ]
}

function writeIncident(incident: Incident): RedisValue[] {
  const { findings, transitions, comments, ...summary } = incident
  const { id, openedAt, state, severity, group, resolvesAt, revision } = incident
  const place = [timeText(openedAt), id] as const
  const identities = new Set([...incident.callers, ...incident.callees])
  const terms = [
    ...incident.detectors.map((name) => member('detector', name, ...place)),
    ...[...identities].map((name) => member('identity', name, ...place)),
  ]
  return [
    id,
    revision,
    member('state', state, severity, ...place),
    group,
    state === 'resolved' ? '' : resolvesAt,
    JSON.stringify(summary),
    JSON.stringify({ findings, transitions, comments }),
    terms.length,
    ...terms,
  ]
}

function writeFinding({ id, group, time, waiting }: SeenFinding): RedisValue[] {
  return [id, member(group, timeText(time), id), time, waiting === undefined ? '' : JSON.stringify(waiting)]
}

function writeDelivery(delivery: OwedDelivery): RedisValue[] {
  const { attempts, dueAt, state, lastError, notification, ...fixed } = delivery
  const { id, endpoint, incident, version, severity, createdAt } = fixed
  const urgency = String(SEVERITIES.length - SEVERITIES.indexOf(severity))
  return [
    id,
    JSON.stringify(fixed),
    state,
    attempts,
    dueAt,
    lastError ?? '',
    member(endpoint, urgency, timeText(createdAt), id),
    member('delivery', incident, timeText(version), endpoint, id),
    createdAt,
    state === 'owed' ? JSON.stringify(notification) : '',
  ]
}
