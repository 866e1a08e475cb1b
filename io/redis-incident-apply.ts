import { alertWrite } from './redis-alerts.ts'

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

/** Lua: one command for many fields or members, because a step may change hundreds of incidents. */
const GATHER = `
local commands, lists = {}, {}
local function gather(name, key, ...)
  local list = lists[name .. key]
  if not list then
    list = {name, key}
    lists[name .. key] = list
    commands[#commands + 1] = list
  end
  for _, value in ipairs({...}) do list[#list + 1] = value end
end
local function flush()
  for _, list in ipairs(commands) do
    for from = 3, #list, 400 do
      call(list[1], list[2], unpack(list, from, math.min(from + 399, #list)))
    end
  end
end`

/**
 * One step of the alerter: all of it or nothing. A change that is sent again is known by its token. Values: token, the
 * next finding, then counted lists: of next findings that may be stored now, revisions, incidents, findings, superseded
 * and new deliveries, each as `writeChange` puts them.
 */
export const APPLY = alertWrite(
  'meshwatchApplyIncidents',
  `${CLOSE}${GATHER}
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
  gather('HSET', REVISIONS, id, revision .. '\\n' .. place)
  gather('HSET', SUMMARIES, id, take())
  gather('HSET', DETAILS, id, take())
  gather('ZADD', INDEX, 0, place)
  for _ = 1, tonumber(take()) do gather('ZADD', INDEX, 0, take()) end
  if resolvesAt ~= '' then
    gather('ZADD', LAPSES, resolvesAt, id)
    gather('HSET', GROUPS, group, id)
  else
    call('ZREM', LAPSES, id)
    if call('HGET', GROUPS, group) == id then call('HDEL', GROUPS, group) end
  end
end
for _ = 1, tonumber(take()) do
  local id, place, time, json = take(), take(), take(), take()
  gather('SADD', SEEN, id)
  if json ~= '' then
    gather('ZADD', WAITINDEX, 0, place)
    gather('ZADD', WAITS, time, place)
    gather('HSET', WAITING, place, json)
  elseif call('HDEL', WAITING, place) == 1 then
    call('ZREM', WAITINDEX, place) call('ZREM', WAITS, place)
  end
end
for _ = 1, tonumber(take()) do close(take(), 'superseded') end
for _ = 1, tonumber(take()) do
  local id, json, state, attempts, dueAt, reason, kept = take(), take(), take(), take(), take(), take(), take()
  local place, createdAt, notice = take(), take(), take()
  if call('HSETNX', DELIVERIES, id, json) == 1 then
    gather('HSET', STATES, id, table.concat({state, attempts, dueAt, reason, kept}, '\\n'))
    gather('ZADD', INDEX, 0, place)
    if state == 'owed' then
      gather('HSET', NOTICES, id, notice)
      gather('ZADD', OWEDINDEX, 0, kept) gather('ZADD', DUE, dueAt, kept) gather('ZADD', SINCE, createdAt, kept)
    end
  end
end
flush()
if nextFinding ~= '' then call('HSET', META, 'next', nextFinding) end
call('LPUSH', TOKENS, token)
call('LTRIM', TOKENS, 0, 63)
return 'applied'`,
)
