import { setImmediate as turn } from 'node:timers/promises'
import { Compile } from 'typebox/compile'
import { isTooDeep } from '../domain/nesting.ts'
import type { Problem } from '../domain/route.ts'
import type { IntakeLines } from './intake.ts'
import { OtlpLogs, otlpCount, otlpRecords } from './otlp.ts'

/** Exporters send 512 to 8192 at once; millions of empty ones fit into a body and would stop everything else. */
const MAX_RECORDS = 20_000

/** The same for what is nested in them: a little more than 8192 records with 20 attributes have. */
const MAX_BRACKETS = 400_000

/** Each record repeats its resource: a large one before many records would fill the memory. */
const MAX_CHARACTERS = 67_108_864

/** What is written between two turns of the event loop. */
const SLICE_RECORDS = 1000
const SLICE_CHARACTERS = 1_048_576

const OPEN_BRACE = 123
const OPEN_BRACKET = 91

const TOO_MANY: Problem = {
  status: 413,
  code: 'too-many-records',
  detail: `a request holds at most ${MAX_RECORDS} OTLP log records, ${MAX_CHARACTERS} characters with their resources; make the batches of the exporter smaller`,
}

const otlpLogs = Compile(OtlpLogs)
const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * The records of an OTLP/HTTP request in JSON, one a line. Other work has its turn between the steps: reading, parsing
 * and writing a body of 8 MiB takes longer than anything else may wait.
 */
export async function otlpLines(body: Uint8Array): Promise<IntakeLines | Problem> {
  if (countBrackets(body) > MAX_BRACKETS) return TOO_MANY
  const text = decoder.decode(body)
  const isDeep = isTooDeep(text)
  await turn()
  const logs = isDeep ? undefined : parseJson(text)
  await turn()
  if (otlpLogs.Check(logs)) return otlpCount(logs) > MAX_RECORDS ? TOO_MANY : written(logs)
  const [first] = logs === undefined ? [] : otlpLogs.Errors(logs)
  return {
    status: 400,
    code: 'invalid-otlp',
    detail: 'the body is no OTLP export of logs in JSON; lines are sent as application/x-ndjson',
    errors: first && [{ pointer: first.instancePath, detail: first.message }],
  }
}

async function written(logs: OtlpLogs): Promise<IntakeLines | Problem> {
  const parts: Uint8Array[] = []
  let slice: string[] = []
  let [count, characters, sliceCharacters] = [0, 0, 0]
  for (const record of otlpRecords(logs)) {
    slice.push(oneLine(record))
    count++
    sliceCharacters += record.length
    characters += record.length
    if (characters > MAX_CHARACTERS) return TOO_MANY
    if (slice.length < SLICE_RECORDS && sliceCharacters < SLICE_CHARACTERS) continue
    parts.push(encoder.encode(slice.join('')))
    slice = []
    sliceCharacters = 0
    await turn()
  }
  parts.push(encoder.encode(slice.join('')))
  return { bytes: Buffer.concat(parts), count }
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
