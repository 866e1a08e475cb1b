import type { RawRecord } from '../domain/ports.ts'
import type { LogRecord } from './kafka-group.ts'

/** What is kept of a record over the limit. */
const KEPT_BYTES = 65_536

const NOTHING = Buffer.alloc(0)

/** A record over the limit as its beginning: the rest of it need not wait in memory to be refused. */
export function cutRecord(record: LogRecord, maxRecordBytes: number): LogRecord {
  const { value } = record
  const length = record.length ?? value?.length ?? 0
  if (value === null || length <= maxRecordBytes) return record
  return { ...record, value: Buffer.from(value.subarray(0, Math.min(KEPT_BYTES, maxRecordBytes))), length }
}

/** The value of a Kafka record. A tombstone is an empty record; of one that was cut its `length` tells so. */
export function rawRecord({ value, offset, length = value?.length ?? 0 }: LogRecord): RawRecord {
  const chunk = value ?? NOTHING
  return { text: chunk.toString('utf8'), chunk, from: 0, to: chunk.length, offset, line: 0, length }
}
