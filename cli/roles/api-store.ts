import type { IncidentChange, IncidentStore } from '../../domain/ports.ts'
import { unionOf } from '../../io/incident-union.ts'
import type { Redis } from '../../io/redis.ts'
import { redisIncidents } from '../../io/redis-incidents.ts'
import type { Role } from './role.ts'

/**
 * Incidents of all findings partitions, as the API of any alerter has them: a change goes to the store that holds the
 * incident, and what a person decides goes to the analyzers by way of its topic.
 */
export function apiStore(role: Role, redis: Redis): IncidentStore {
  const { producer, topics } = role
  const stores = Array.from({ length: topics.findings.partitions }, (_, partition) =>
    redisIncidents(redis, partition),
  )
  const union = unionOf(stores)
  const apply = async (change: IncidentChange, revisions: ReadonlyMap<string, number>) => {
    const home = await union.homeOf(change.incidents[0]?.id ?? '')
    return home === undefined ? 'conflict' : home.apply(change, revisions)
  }
  return {
    ...stores[0],
    ...union,
    apply,
    disabledEndpoints: async () => {
      const disabled = await Promise.all(stores.map((store) => store.disabledEndpoints()))
      return [...new Set(disabled.flat())]
    },
    decide: (decision) =>
      producer.append(topics.decisions.topic, 0, [
        { key: decision.caller, value: Buffer.from(JSON.stringify(decision)) },
      ]),
  }
}
