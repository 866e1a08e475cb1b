import type { Finding } from '../domain/finding.ts'
import type { Incident } from '../domain/incident.ts'
import { type AlertPartition, alertScript, alertWrite, ask, keyOf, tell, timeText } from './redis-alerts.ts'

/** Incidents and findings by their ids, groups and times. Each call to Redis is about few enough to be short. */

const INCIDENTS_AT_ONCE = 50
const NAMES_AT_ONCE = 500

const LOAD = alertScript(
  'meshwatchLoadIncidents',
  `
local found = {}
for _, id in ipairs(ARGV) do
  local summary = call('HGET', SUMMARIES, id)
  if summary then
    found[#found + 1] = summary
    found[#found + 1] = call('HGET', DETAILS, id)
  end
end
return found`,
)

/** Incidents in the order of the ids; those that do not exist are left out. */
export async function loadIncidents(at: AlertPartition, ids: readonly string[]): Promise<Incident[]> {
  const incidents: Incident[] = []
  for (let from = 0; from < ids.length; from += INCIDENTS_AT_ONCE) {
    const found = await ask(at, LOAD, ids.slice(from, from + INCIDENTS_AT_ONCE))
    for (let i = 0; i < found.length; i += 2)
      incidents.push({ ...JSON.parse(found[i]), ...JSON.parse(found[i + 1]) })
  }
  return incidents
}

export async function unresolved(at: AlertPartition, groups: readonly string[]): Promise<Incident[]> {
  const ids: string[] = []
  for (let from = 0; from < groups.length; from += NAMES_AT_ONCE) {
    const some = groups.slice(from, from + NAMES_AT_ONCE)
    const found = (await at.redis.command('hmget', keyOf(at, 'groups'), ...some)) as (string | null)[]
    ids.push(...found.filter((id) => id !== null))
  }
  const incidents = await loadIncidents(at, ids)
  return incidents
    .filter(({ state }) => state !== 'resolved')
    .sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1))
}

export async function overdue(at: AlertPartition, time: number, limit: number): Promise<Incident[]> {
  const ids = await at.redis.command('zrangebyscore', keyOf(at, 'lapses'), '-inf', time, 'LIMIT', 0, limit)
  return loadIncidents(at, ids as string[])
}

export async function seen(at: AlertPartition, ids: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>()
  for (let from = 0; from < ids.length; from += NAMES_AT_ONCE) {
    const some = ids.slice(from, from + NAMES_AT_ONCE)
    const answers = (await at.redis.command('smismember', keyOf(at, 'seen'), ...some)) as number[]
    for (const [i, answer] of answers.entries()) if (answer === 1) known.add(some[i])
  }
  return known
}

const WAITING = alertScript(
  'meshwatchWaitingFindings',
  `
local since, found = take(), {}
for i = 2, #ARGV do
  local from, to = '[' .. ARGV[i] .. '\\0' .. since, '(' .. ARGV[i] .. '\\1'
  for _, place in ipairs(call('ZRANGEBYLEX', WAITINDEX, from, to)) do
    found[#found + 1] = call('HGET', WAITING, place)
  end
end
return found`,
)

export async function waiting(
  at: AlertPartition,
  groups: readonly string[],
  since: number,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (let from = 0; from < groups.length; from += NAMES_AT_ONCE) {
    const found = await ask(at, WAITING, [timeText(since), ...groups.slice(from, from + NAMES_AT_ONCE)])
    findings.push(...found.map((json) => JSON.parse(json)))
  }
  return findings.sort((a, b) => a.end - b.end || (a.id < b.id ? -1 : 1))
}

const FORGET = alertWrite(
  'meshwatchForgetWaiting',
  `
local gone = call('ZRANGEBYSCORE', WAITS, '-inf', '(' .. take(), 'LIMIT', 0, ${NAMES_AT_ONCE})
if #gone == 0 then return 'done' end
call('ZREM', WAITS, unpack(gone))
call('ZREM', WAITINDEX, unpack(gone))
call('HDEL', WAITING, unpack(gone))
return 'more'`,
)

export async function forgetWaiting(at: AlertPartition, time: number): Promise<void> {
  while ((await tell(at, FORGET, [time])) === 'more');
}
