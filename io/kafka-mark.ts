/** How far a partition is settled, with what tells whether it is still the same partition. */
export interface PartitionMark {
  readonly offset: number
  /** Rises by one each time the topic was made again. */
  readonly generation: number
  /** Timestamp of the record before `offset`, epoch ms, when known. */
  readonly timeBefore?: number
}

/** The text that is stored beside a committed offset. */
export function markText({ generation, timeBefore }: PartitionMark): string {
  return timeBefore === undefined ? `${generation}` : `${generation} ${timeBefore}`
}

/** Of a text that somebody else stored, generation 1. */
export function parseMark(committed: { readonly offset: number; readonly metadata: string }): PartitionMark {
  const parts = /^(\d{1,15})(?: (\d{1,15}))?$/.exec(committed.metadata)
  const { offset } = committed
  if (parts === null) return { offset, generation: 1 }
  const generation = Number(parts[1])
  return parts[2] === undefined
    ? { offset, generation }
    : { offset, generation, timeBefore: Number(parts[2]) }
}
