import type { LogRecord } from './kafka-group.ts'
import type { OutgoingRecord } from './kafka-producer.ts'
import { worldError } from './world-error.ts'

/**
 * Input over HTTP as it lies in the log: a record a line. Lines that are appended in one go are a part of their
 * request, and lie in the log one behind the other.
 */
export interface IntakeLine extends RequestPart {
  /** Offset of the first line of the part. */
  readonly first: number
}

export interface RequestPart {
  /** Source of the sender. */
  readonly source: string
  /** What the sender calls the request, or what we do. */
  readonly request: string
  /** Number of the part, from 0. */
  readonly part: number
}

const PART_BYTES = 1_048_576
/** Far fewer than readers take of one batch. */
const PART_LINES = 10_000
/** Of a record beside its line and its names, at most. */
const RECORD_BYTES = 64
/** A batch has a head, and compression may make it longer. */
const BATCH_SHARE = 0.9

const LF = 10

/**
 * The records of whole lines, part by part.
 * @param maxBatchBytes what the topic takes in one go
 * @throws WorldError `kafka-record-too-large` for a line that it would not take
 */
export function intakeParts(
  bytes: Uint8Array,
  { source, request }: Omit<RequestPart, 'part'>,
  maxBatchBytes: number,
): OutgoingRecord[][] {
  const parts: OutgoingRecord[][] = []
  let partBytes = Number.POSITIVE_INFINITY
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf(LF, from)
    const to = at === -1 ? bytes.length : at
    const length = to - from + RECORD_BYTES + Buffer.byteLength(source) + Buffer.byteLength(request)
    if (length > maxBatchBytes * BATCH_SHARE)
      throw worldError('kafka-record-too-large', `a line of ${to - from} bytes is too long for the log`)
    if (partBytes + length > PART_BYTES || parts.at(-1)!.length >= PART_LINES) {
      parts.push([])
      partBytes = 0
    }
    const part = parts.at(-1)!
    const headers = { request, part: String(parts.length - 1), line: String(part.length) }
    part.push({ key: source, value: bytes.subarray(from, to), headers })
    partBytes += length
    from = to + 1
  }
  return parts
}

/** Undefined for a record that is none of ours. */
export function readIntakeLine({ key, headers, offset }: LogRecord): IntakeLine | undefined {
  const source = key?.toString() ?? ''
  const { request, part, line } = headers
  if (!source.startsWith('http:') || request === undefined) return undefined
  const place = Number(String(line))
  const number = Number(String(part))
  if (!Number.isSafeInteger(place) || !Number.isSafeInteger(number)) return undefined
  return { source, request: String(request), part: number, first: offset - place }
}
