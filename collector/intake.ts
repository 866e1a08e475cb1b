import { Compile } from 'typebox/compile'
import type { IntakeRecord, RawRecord } from '../domain/ports.ts'
import type { Problem } from '../domain/route.ts'
import { CHUNK_BYTES, cutLines, endLines, lineFrame, MAX_RECORD_BYTES } from './frame.ts'
import { isTooDeep } from './json.ts'
import { OtlpLogs, otlpRecords } from './otlp.ts'

const LINES = ['text/plain', 'application/x-ndjson', 'application/ndjson', 'application/jsonl']
const OTLP = 'application/json'

const otlpLogs = Compile(OtlpLogs)
const decoder = new TextDecoder()
const encoder = new TextEncoder()

export interface IntakeBody {
  /** Decompressed. */
  readonly bytes: Uint8Array
  /** The header, with or without parameters. */
  readonly contentType: string
  readonly maxRecordBytes?: number
}

/**
 * The records of a request. Whether a record can be parsed shows later, like for any source: one bad line does not
 * refuse its neighbours.
 */
export function intakeRecords(body: IntakeBody): readonly IntakeRecord[] | Problem {
  const type = body.contentType.split(';')[0].trim().toLowerCase()
  if (LINES.includes(type)) return lines(body)
  if (type === OTLP) return otlp(body)
  return {
    status: 415,
    code: 'unsupported-content-type',
    detail: `send lines as ${LINES.slice(0, 2).join(' or ')}, or OTLP logs in JSON as ${OTLP}`,
  }
}

function lines({ bytes, maxRecordBytes }: IntakeBody): IntakeRecord[] {
  const frame = lineFrame({ offset: 0, line: 0 }, maxRecordBytes)
  const records: RawRecord[] = []
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
    for (const record of cutLines(frame, bytes.subarray(from, from + CHUNK_BYTES))) records.push(record)
  }
  for (const record of endLines(frame)) records.push(record)
  return records.map(toIntake)
}

/** The record as the journal keeps it. */
export function toIntake({ chunk, from, to, length }: RawRecord): IntakeRecord {
  return { bytes: chunk.subarray(from, to), length }
}

function otlp({ bytes, maxRecordBytes = MAX_RECORD_BYTES }: IntakeBody): readonly IntakeRecord[] | Problem {
  const text = decoder.decode(bytes)
  const logs = isTooDeep(text) ? undefined : parseJson(text)
  if (otlpLogs.Check(logs)) return otlpRecords(logs).map((record) => encode(record, maxRecordBytes))
  const [first] = logs === undefined ? [] : otlpLogs.Errors(logs)
  return {
    status: 400,
    code: 'invalid-otlp',
    detail: 'the body is no OTLP export of logs in JSON; lines are sent as application/x-ndjson',
    errors: first && [{ pointer: first.instancePath, detail: first.message }],
  }
}

function encode(record: string, maxRecordBytes: number): IntakeRecord {
  const bytes = encoder.encode(record)
  return {
    bytes: bytes.length > maxRecordBytes ? bytes.subarray(0, CHUNK_BYTES) : bytes,
    length: bytes.length,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
