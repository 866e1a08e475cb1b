import type { Delivery, OwedDelivery } from '../domain/incident.ts'
import { type AlertPartition, alertScript, alertWrite, ask, keyOf, member, tell } from './redis-alerts.ts'
import { CLOSE } from './redis-incident-apply.ts'

/** The outbox of one partition. What walks through it does so in pieces, so that no call is long. */

const OWED_AT_ONCE = 200

const SETTLE = alertWrite(
  'meshwatchSettleDelivery',
  `${CLOSE}
local id, attempts, dueAt, state, reason = take(), take(), take(), take(), take()
local text = call('HGET', STATES, id)
if not text then return 'unknown' end
local before, kept = text:match('^(.-)\\n.-\\n.-\\n.-\\n(.*)$')
if before ~= 'owed' and state ~= 'delivered' then return 'kept' end
call('HSET', STATES, id, table.concat({state, attempts, dueAt, reason, kept}, '\\n'))
if state == 'owed' then call('ZADD', DUE, dueAt, kept) else unowe(id, kept) end
return 'settled'`,
)

export async function settle(at: AlertPartition, delivery: Delivery): Promise<void> {
  const { id, attempts, dueAt, state, lastError } = delivery
  await tell(at, SETTLE, [id, attempts, dueAt, state, lastError ?? ''])
}

/** Values: where to go on and to end, the time, how many. Answers where to go on, then the JSON, state and notice of each. */
const DUE = alertScript(
  'meshwatchDueDeliveries',
  `
local from, to, now, most = take(), take(), tonumber(take()), tonumber(take())
local places = call('ZRANGEBYLEX', OWEDINDEX, from, to, 'LIMIT', 0, ${OWED_AT_ONCE})
local found = {#places == ${OWED_AT_ONCE} and places[#places] or ''}
for _, place in ipairs(places) do
  if #found > most * 3 then break end
  if tonumber(call('ZSCORE', DUE, place)) <= now then
    local id = place:match('[^%z]*$')
    found[#found + 1] = call('HGET', DELIVERIES, id)
    found[#found + 1] = call('HGET', STATES, id)
    found[#found + 1] = call('HGET', NOTICES, id)
  end
end
return found`,
)

export async function due(
  at: AlertPartition,
  endpoint: string,
  { now, limit }: { readonly now: number; readonly limit: number },
): Promise<OwedDelivery[]> {
  const found: OwedDelivery[] = []
  const [first, end] = rangeOf(endpoint)
  for (let from = first; found.length < limit; ) {
    const [next, ...texts] = await ask(at, DUE, [from, end, now, limit - found.length])
    for (let i = 0; i < texts.length; i += 3)
      found.push({ ...readDelivery(texts[i], texts[i + 1]), notification: JSON.parse(texts[i + 2]) })
    if (next === '') break
    from = `(${next}`
  }
  return found
}

/** All that is owed to an endpoint, as a range of `owedindex`. */
function rangeOf(endpoint: string): [from: string, to: string] {
  return [`[${member(endpoint, '')}`, `(${endpoint}\u0001`]
}

const HASTEN = alertWrite(
  'meshwatchHastenDeliveries',
  `
local from, to, now = take(), take(), take()
local places = call('ZRANGEBYLEX', OWEDINDEX, from, to, 'LIMIT', 0, ${OWED_AT_ONCE})
for _, place in ipairs(places) do
  if tonumber(call('ZSCORE', DUE, place)) > tonumber(now) then
    local id = place:match('[^%z]*$')
    local head, rest = call('HGET', STATES, id):match('^(.-\\n.-\\n).-(\\n.*)$')
    call('HSET', STATES, id, head .. now .. rest)
    call('ZADD', DUE, now, place)
  end
end
return #places == ${OWED_AT_ONCE} and places[#places] or ''`,
)

export async function hasten(at: AlertPartition, endpoint: string, now: number): Promise<void> {
  const [first, end] = rangeOf(endpoint)
  for (let from = first; ; ) {
    const next = await tell(at, HASTEN, [from, end, now])
    if (next === '') return
    from = `(${next}`
  }
}

/** Values: a range of what is owed, the reason, and the endpoint to switch off with the last piece, and when. */
const DROP = alertWrite(
  'meshwatchDropDeliveries',
  `${CLOSE}
local from, to, reason, endpoint, time = take(), take(), take(), take(), take()
local places = call('ZRANGEBYLEX', OWEDINDEX, from, to, 'LIMIT', 0, ${OWED_AT_ONCE})
for _, place in ipairs(places) do close(place:match('[^%z]*$'), 'dropped', reason) end
if #places == ${OWED_AT_ONCE} then return 'more' end
if endpoint ~= '' then call('HSETNX', DISABLED, endpoint, time) end
return 'done'`,
)

/** Drops what is owed to any endpoint that is not named: what lies between those that are. */
export async function keepEndpoints(at: AlertPartition, endpoints: readonly string[]): Promise<void> {
  let from = '-'
  for (const endpoint of [...endpoints].sort()) {
    const [first, end] = rangeOf(endpoint)
    while ((await tell(at, DROP, [from, first.replace('[', '('), 'endpoint-removed', '', 0])) === 'more');
    from = end.replace('(', '[')
  }
  while ((await tell(at, DROP, [from, '+', 'endpoint-removed', '', 0])) === 'more');
}

export async function disableEndpoint(at: AlertPartition, endpoint: string, time: number): Promise<void> {
  const values = [...rangeOf(endpoint), 'endpoint-disabled', endpoint, time]
  while ((await tell(at, DROP, values)) === 'more');
}

export async function disabledEndpoints(at: AlertPartition): Promise<string[]> {
  return ((await at.redis.command('hkeys', keyOf(at, 'disabled'))) as string[]).sort()
}

const OF_INCIDENT = alertScript(
  'meshwatchDeliveriesOfIncident',
  `
local found = {}
for _, place in ipairs(call('ZRANGEBYLEX', INDEX, '[' .. ARGV[1], '(' .. ARGV[1] .. ':')) do
  local id = place:match('[^%z]*$')
  found[#found + 1] = call('HGET', DELIVERIES, id)
  found[#found + 1] = call('HGET', STATES, id)
end
return found`,
)

/** In the order of versions, then endpoints. */
export async function deliveriesOf(at: AlertPartition, incident: string): Promise<Delivery[]> {
  const texts = await ask(at, OF_INCIDENT, [member('delivery', incident, '')])
  return Array.from({ length: texts.length / 2 }, (_, i) => readDelivery(texts[2 * i], texts[2 * i + 1]))
}

function readDelivery(json: string, text: string): Delivery {
  const [state, attempts, dueAt, lastError] = text.split('\n')
  const changing = {
    state,
    attempts: Number(attempts),
    dueAt: Number(dueAt),
    ...(lastError && { lastError }),
  }
  return { ...JSON.parse(json), ...changing }
}

export async function outbox(at: AlertPartition) {
  const owed = Number(await at.redis.command('zcard', keyOf(at, 'since')))
  const [, oldest] = (await at.redis.command(
    'zrange',
    keyOf(at, 'since'),
    0,
    0,
    'WITHSCORES',
  )) as readonly string[]
  return { owed, oldestCreatedAt: oldest === undefined ? undefined : Number(oldest) }
}
