import type { Assigned, Assignment, Consuming } from './kafka-group.ts'
import { beginAll, pause } from './kafka-place.ts'

/**
 * Takes over what a join gave us. Nothing is fetched of a partition until `begin` has said from where: after each join
 * kafkajs itself would start at the offset in Kafka. Must not wait: the first fetch follows at once.
 */
export function assign(consuming: Consuming, assigned: Readonly<Record<string, readonly number[]>>): void {
  const before = consuming.assignment
  const partitions = Object.entries(assigned).flatMap(([topic, numbers]) =>
    numbers.map((partition) => [`${topic}/${partition}`, unbegun(topic, partition)] as const),
  )
  consuming.assignment = { partitions: new Map(partitions) }
  consuming.held.clear()
  for (const [, { topic, partition }] of partitions) pause(consuming, topic, partition)
  if (isOther(consuming.assignment, before)) consuming.options.rebalanced?.()
  tellLost(consuming, before)
  consuming.options.trouble?.(undefined)
  void beginAll(consuming, [...consuming.assignment.partitions.values()])
}

/** Nothing is ours any more. */
export function drop(consuming: Consuming): void {
  const before = consuming.assignment
  consuming.assignment = { partitions: new Map() }
  consuming.held.clear()
  consuming.settled.clear()
  tellLost(consuming, before)
}

function isOther({ partitions }: Assignment, before: Assignment): boolean {
  if (partitions.size !== before.partitions.size) return true
  return [...partitions.keys()].some((name) => !before.partitions.has(name))
}

function unbegun(topic: string, partition: number): Assigned {
  return { topic, partition, next: undefined, timeBefore: undefined, isChecking: false, asked: 0 }
}

function tellLost({ options, assignment }: Consuming, before: Assignment): void {
  const lost = [...before.partitions].filter(([name]) => !assignment.partitions.has(name)).map(([, at]) => at)
  if (lost.length > 0) options.lost?.(lost.map(({ topic, partition }) => ({ topic, partition })))
}
