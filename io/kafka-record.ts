import type { RawRecord } from '../domain/ports.ts'
import type { LogRecord } from './kafka-group.ts'

/** What is kept of a record over the limit. */
const KEPT_BYTES = 65_536

const NOTHING = Buffer.alloc(0)

/**
 * The value of a Kafka record, whole. A tombstone is an empty record; of one over the limit only the beginning is
 * there, which its `length` tells.
 */
export function rawRecord({ value, offset }: LogRecord, maxRecordBytes: number): RawRecord {
  if (value === null) return { text: '', chunk: NOTHING, from: 0, to: 0, offset, line: 0, length: 0 }
  const { length } = value
  if (length <= maxRecordBytes)
    return { text: value.toString('utf8'), chunk: value, from: 0, to: length, offset, line: 0, length }
  const chunk = Buffer.from(value.subarray(0, Math.min(KEPT_BYTES, maxRecordBytes)))
  return { text: chunk.toString('utf8'), chunk, from: 0, to: chunk.length, offset, line: 0, length }
}
