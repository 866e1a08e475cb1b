import { Compile } from 'typebox/compile'
import { isTooDeep } from '../domain/nesting.ts'
import type { Problem } from '../domain/route.ts'
import { OtlpLogs, otlpCount, otlpRecords } from './otlp.ts'

const LINES = ['text/plain', 'application/x-ndjson', 'application/ndjson', 'application/jsonl']
const OTLP = 'application/json'
const LF = 10
const OPEN_BRACE = 123
const OPEN_BRACKET = 91

/** Exporters send 512 to 8192 at once; millions of empty ones fit into a body and would stop everything else. */
const MAX_OTLP_RECORDS = 20_000

/** The same for what is nested in them: twice what 8192 records with 20 attributes have. */
const MAX_OTLP_BRACKETS = 700_000

const TOO_MANY: Problem = {
  status: 413,
  code: 'too-many-records',
  detail: `a request holds at most ${MAX_OTLP_RECORDS} OTLP log records; make the batches of the exporter smaller`,
}

const otlpLogs = Compile(OtlpLogs)
const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** What a request holds, as it goes into the journal. */
export interface IntakeLines {
  /** Whole lines: the last byte, if there is one, is a newline. */
  readonly bytes: Uint8Array
  readonly count: number
}

/**
 * The lines of a request. Whether they can be parsed shows later, like for any source: a bad one does not refuse its
 * neighbours.
 * @param body decompressed
 * @param contentType the header, with or without parameters
 */
export function intakeLines(body: Uint8Array, contentType: string): IntakeLines | Problem {
  const type = contentType.split(';')[0].trim().toLowerCase()
  if (LINES.includes(type)) return wholeLines(body)
  if (type === OTLP) return otlpLines(body)
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

function otlpLines(body: Uint8Array): IntakeLines | Problem {
  if (countBrackets(body) > MAX_OTLP_BRACKETS) return TOO_MANY
  const text = decoder.decode(body)
  const logs = isTooDeep(text) ? undefined : parseJson(text)
  if (otlpLogs.Check(logs)) {
    if (otlpCount(logs) > MAX_OTLP_RECORDS) return TOO_MANY
    const lines = otlpRecords(logs).map(oneLine)
    return { bytes: encoder.encode(lines.join('')), count: lines.length }
  }
  const [first] = logs === undefined ? [] : otlpLogs.Errors(logs)
  return {
    status: 400,
    code: 'invalid-otlp',
    detail: 'the body is no OTLP export of logs in JSON; lines are sent as application/x-ndjson',
    errors: first && [{ pointer: first.instancePath, detail: first.message }],
  }
}

function countBrackets(body: Uint8Array): number {
  let count = 0
  for (let at = 0; at < body.length; at++) if (body[at] === OPEN_BRACE || body[at] === OPEN_BRACKET) count++
  return count
}

/** A newline within a record is white space between the words of JSON or text. */
function oneLine(record: string): string {
  return `${record.replace(/[\r\n]+/g, ' ')}\n`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
