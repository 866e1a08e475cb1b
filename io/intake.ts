import type { Problem } from '../domain/route.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { otlpLines } from './otlp-lines.ts'

const LINES = ['text/plain', 'application/x-ndjson', 'application/ndjson', 'application/jsonl']
const OTLP = 'application/json'
const LF = 10

/** What a request holds, as it goes into the journal. */
export interface IntakeLines {
  /** Whole lines: the last byte, if there is one, is a newline. */
  readonly bytes: Uint8Array
  readonly count: number
}

/** A parsed body takes many times its length in memory. */
const otlpInTurn = oneAtATime(otlpLines)

/**
 * The lines of a request. Whether they can be parsed shows later, like for any source: a bad one does not refuse its
 * neighbours.
 * @param body decompressed
 * @param contentType the header, with or without parameters
 */
export async function intakeLines(body: Uint8Array, contentType: string): Promise<IntakeLines | Problem> {
  const type = contentType.split(';')[0].trim().toLowerCase()
  if (LINES.includes(type)) return wholeLines(body)
  if (type === OTLP) return otlpInTurn(body)
  return {
    status: 415,
    code: 'unsupported-content-type',
    detail: `send lines as ${LINES.slice(0, 2).join(' or ')}, or OTLP logs in JSON as ${OTLP}`,
  }
}

function wholeLines(body: Uint8Array): IntakeLines {
  let count = 0
  for (let at = 0; at < body.length; at++) if (body[at] === LF) count++
  if (body.length === 0 || body[body.length - 1] === LF) return { bytes: body, count }
  const bytes = new Uint8Array(body.length + 1)
  bytes.set(body)
  bytes[body.length] = LF
  return { bytes, count: count + 1 }
}
