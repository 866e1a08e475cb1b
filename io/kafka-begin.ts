import { setTimeout as sleep } from 'node:timers/promises'
import { kafkaError } from './kafka-failure.ts'
import type { Assigned, Consuming, PartitionBegin } from './kafka-group.ts'
import {
  type CommittedOffset,
  committedOffsets,
  type LogBounds,
  logBounds,
  withAdmin,
} from './kafka-log-bounds.ts'

export const nameOf = ({ topic, partition }: Assigned): string => `${topic}/${partition}`

/** False for an assignment that a later join has replaced. */
export const isOurs = ({ assignment }: Consuming, at: Assigned): boolean =>
  assignment.partitions.get(nameOf(at)) === at

/** Bounds of these partitions, asked for until the brokers answer or the partitions are another's. */
export async function boundsOf(
  consuming: Consuming,
  all: readonly Assigned[],
): Promise<ReadonlyMap<Assigned, PartitionBegin>> {
  const { client, options } = consuming
  const topics = [...new Set(all.map(({ topic }) => topic))]
  while (all.some((at) => isOurs(consuming, at))) {
    try {
      return await withAdmin(client, async (admin) => {
        const [logs, committed] = await Promise.all([
          logBounds(admin, topics),
          committedOffsets(admin, options.group, topics),
        ])
        return new Map(all.flatMap((at) => beginOf(at, logs, committed)))
      })
    } catch (error) {
      options.trouble?.(kafkaError('kafka-offsets', `cannot ask for offsets of ${topics.join(', ')}`, error))
      await sleep(500)
    }
  }
  return new Map()
}

function beginOf(
  at: Assigned,
  logs: readonly LogBounds[],
  committed: readonly CommittedOffset[],
): readonly (readonly [Assigned, PartitionBegin])[] {
  const isIt = (it: { topic: string; partition: number }) =>
    it.topic === at.topic && it.partition === at.partition
  const log = logs.find(isIt)
  if (log === undefined) return []
  const stored = committed.find(isIt)
  return [[at, { ...log, ...(stored && { committed: stored }) }]]
}
