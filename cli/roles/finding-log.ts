import type { Finding } from '../../domain/finding.ts'
import { isFinding } from '../../domain/finding-shape.ts'
import { groupOf } from '../../domain/group.ts'
import { fnv1a } from '../../domain/hash.ts'
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

/** undefined for bytes that no analyzer of ours wrote. */
export function readFindingRecord(value: Uint8Array | null): FindingRecord | undefined {
  try {
    const record = JSON.parse(new TextDecoder().decode(value ?? new Uint8Array())) as FindingRecord
    if ('finding' in record) return isFinding(record.finding) ? record : undefined
    const isWhole = Number.isFinite(record.frontier) && Number.isInteger(record.partition)
    return isWhole ? record : undefined
  } catch {
    return undefined
  }
}
