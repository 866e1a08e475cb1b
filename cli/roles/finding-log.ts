import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Finding } from '../../domain/finding.ts'
import { isFinding } from '../../domain/finding-shape.ts'
import { groupOf } from '../../domain/group.ts'
import { fnv1a } from '../../domain/hash.ts'
import { MAX_TIME } from '../../domain/instant.ts'
import { isTooDeep } from '../../domain/nesting.ts'
import type { OutgoingRecord } from '../../io/kafka-producer.ts'

/**
 * The topic of findings: what belongs to one incident is in one partition. Now and then analyzers say in each of them
 * how far event time has come, so that incidents resolve where nothing more is found, and which canary has come through.
 */
export type FindingRecord =
  | { readonly finding: Finding }
  | { readonly frontier: number; readonly partition: number; readonly canary?: number }

/** Partition of the findings that an incident is made of. */
export function findingPartition(finding: Finding, partitions: number): number {
  return fnv1a(groupOf(finding)) % partitions
}

export function findingRecord(finding: Finding): OutgoingRecord {
  return { key: groupOf(finding), value: Buffer.from(JSON.stringify({ finding })) }
}

/** @param said event time and canary that a stream partition has come to, epoch ms */
export function frontierRecord(
  partition: number,
  said: { readonly frontier: number; readonly canary: number },
): OutgoingRecord {
  return { value: Buffer.from(JSON.stringify({ ...said, partition })) }
}

const instant = Type.Number({ minimum: 0, maximum: MAX_TIME })
const frontierShape = Compile(
  Type.Object({
    frontier: instant,
    partition: Type.Integer({ minimum: 0 }),
    canary: Type.Optional(instant),
  }),
)

/**
 * undefined for bytes that no analyzer of ours wrote.
 * @param streamPartitions whose analyzers there are: who waits for all must not count others
 */
export function readFindingRecord(
  value: Uint8Array | null,
  streamPartitions = Number.POSITIVE_INFINITY,
): FindingRecord | undefined {
  const text = new TextDecoder().decode(value ?? new Uint8Array())
  if (isTooDeep(text)) return undefined
  try {
    const record = JSON.parse(text) as FindingRecord
    if ('finding' in record) return isFinding(record.finding) ? record : undefined
    return frontierShape.Check(record) && record.partition < streamPartitions ? record : undefined
  } catch {
    return undefined
  }
}
