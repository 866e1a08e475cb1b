import type { CommittedOffset } from './kafka-log-bounds.ts'

/** How far a partition is settled, with what tells whether it is still the same partition. */
export interface PartitionMark {
  readonly offset: number
  /**
   * Rises each time the topic was made again: the wall clock in ms, because Kafka forgets all that a group stored
   * for a topic that is deleted.
   */
  readonly generation: number
  /** Timestamp of the record before `offset`, epoch ms, when known. */
  readonly timeBefore?: number
}

/** The text that is stored beside a committed offset. */
export function markText({ generation, timeBefore }: PartitionMark): string {
  return timeBefore === undefined ? `${generation}` : `${generation} ${timeBefore}`
}

/** Undefined for a text that somebody else stored. */
export function parseMark(committed: CommittedOffset): PartitionMark | undefined {
  const parts = /^(\d{1,15})(?: (\d{1,15}))?$/.exec(committed.metadata)
  const { offset } = committed
  if (parts === null) return undefined
  const generation = Number(parts[1])
  return parts[2] === undefined
    ? { offset, generation }
    : { offset, generation, timeBefore: Number(parts[2]) }
}

/** The generation that a topic begins now, after an earlier one. */
export function nextGeneration(generation: number, now: number): number {
  return Math.max(generation + 1, now)
}
