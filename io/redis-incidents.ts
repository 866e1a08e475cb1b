import { randomUUID } from 'node:crypto'
import type { Decision } from '../domain/decision.ts'
import type { IncidentChange, IncidentStore } from '../domain/ports.ts'
import type { Redis } from './redis.ts'
import { type AlertPartition, alertPartition, alertScript, keyOf, tell } from './redis-alerts.ts'
import { claimOwnership } from './redis-claim.ts'
import {
  deliveriesOf,
  disabledEndpoints,
  disableEndpoint,
  due,
  hasten,
  keepEndpoints,
  outbox,
  settle,
} from './redis-deliveries.ts'
import { APPLY } from './redis-incident-apply.ts'
import { writeChange } from './redis-incident-change.ts'
import { countIncidents, listIncidents, oldestOpen, touching } from './redis-incident-list.ts'
import { forgetWaiting, loadIncidents, overdue, seen, unresolved, waiting } from './redis-incident-read.ts'

/**
 * Incidents and outbox of one findings partition for who does not own it: an API, whose changes are protected by
 * revisions alone.
 */
export function redisIncidents(redis: Redis, partition: number): IncidentStore {
  return storeOf(alertPartition(redis, partition, ''), undefined)
}

/**
 * Claims a findings partition for an alerter. Every write of an earlier claimer rejects with the code `fenced` from
 * now on, and so does this one's when the store was rolled back behind what it has written: claim again, and read the
 * findings on from `nextFinding`.
 */
export async function claimIncidents(redis: Redis, partition: number): Promise<IncidentStore> {
  const meta = keyOf(alertPartition(redis, partition, ''), 'meta')
  const { owner, fields } = await claimOwnership(redis, meta, ['next'])
  return storeOf(alertPartition(redis, partition, owner), numberOf(fields[0]))
}

function numberOf(text: string | null): number | undefined {
  return text === null ? undefined : Number(text)
}

function storeOf(at: AlertPartition, nextFinding: number | undefined): IncidentStore {
  const apply = applyTo(at, nextFinding)
  return {
    apply,
    unresolved: (groups) => unresolved(at, groups),
    overdue: (time, limit) => overdue(at, time, limit),
    touching: (identities, opened) => touching(at, identities, opened),
    get: async (id) => (await loadIncidents(at, [id]))[0],
    list: (filter, limit, after) => listIncidents(at, filter, { limit, after }),
    counts: () => countIncidents(at),
    oldestOpen: () => oldestOpen(at),
    seen: (ids) => seen(at, ids),
    waiting: (groups, since) => waiting(at, groups, since),
    forgetWaiting: (time) => forgetWaiting(at, time),
    nextFinding: async () =>
      numberOf((await at.redis.command('hget', keyOf(at, 'meta'), 'next')) as string | null),
    due: (endpoint, now, limit) => due(at, endpoint, { now, limit }),
    settle: (delivery) => settle(at, delivery),
    hasten: (endpoint, now) => hasten(at, endpoint, now),
    keepEndpoints: (endpoints) => keepEndpoints(at, endpoints),
    deliveries: (incident) => deliveriesOf(at, incident),
    outbox: () => outbox(at),
    disabledEndpoints: () => disabledEndpoints(at),
    disableEndpoint: (endpoint, time) => disableEndpoint(at, endpoint, time),
    decide: (decision) => decide(at, decision),
    decisionsFrom: (offset, limit) => decisionsFrom(at, offset, limit),
  }
}

/** A write with an unknown outcome leaves two offsets that may be stored: any other means that the store was rolled back. */
function applyTo(at: AlertPartition, nextFinding: number | undefined): IncidentStore['apply'] {
  const known = new Set([nextFinding ?? ''])
  return async (change: IncidentChange, expectedRevisions) => {
    const next = change.nextFinding ?? ''
    const head = [randomUUID(), next, known.size, ...known]
    const answer = await tell(at, APPLY, [...head, ...writeChange(change, expectedRevisions)]).catch(
      (error) => {
        if (next !== '') known.add(next)
        throw error
      },
    )
    if (answer === 'conflict') return answer
    if (next !== '') known.clear()
    if (next !== '') known.add(next)
    return 'applied'
  }
}

/** A decision that is sent again after a broken connection is known by its token. */
const DECIDE = alertScript(
  'meshwatchDecide',
  `
local token, decision = take(), take()
local known = call('LPOS', TOKENS, token)
if known then return call('LINDEX', TOKENS, known + 1) end
local number = call('RPUSH', DECISIONS, decision)
call('LPUSH', TOKENS, number, token)
call('LTRIM', TOKENS, 0, 63)
return number`,
)

async function decide({ redis, keys }: AlertPartition, decision: Decision): Promise<number> {
  return Number(await redis.run(DECIDE, { keys, values: [randomUUID(), JSON.stringify(decision)] }))
}

async function decisionsFrom(at: AlertPartition, offset: number, limit: number) {
  const first = Math.max(1, offset)
  const texts = await at.redis.command('lrange', keyOf(at, 'decisions'), first - 1, first + limit - 2)
  return (texts as string[]).map((text, i) => ({ offset: first + i, decision: JSON.parse(text) as Decision }))
}
