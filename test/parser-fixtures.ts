import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Parser } from '../collector/parser.ts'
import type { Event } from '../domain/event.ts'
import type { RejectReason } from '../domain/reject.ts'
import { rawRecord } from './raw-record.ts'

/** One situation: `<case>.in` holds one record, `<case>.json` what must come of it. */
export interface ParserFixture {
  readonly name: string
  readonly bytes: Uint8Array
  readonly expectedFile: URL
}

const ROOT = new URL('./fixtures/parsers/', import.meta.url)
const LF = 10

export function parserFixtures(parser: Parser): readonly ParserFixture[] {
  const folder = new URL(`${parser.name}/`, ROOT)
  const files = existsSync(folder) ? readdirSync(folder).sort() : []
  return files
    .filter((file) => file.endsWith('.in'))
    .map((file) => {
      const bytes = readFileSync(new URL(file, folder))
      const isLine = parser.framing === 'line' && bytes.at(-1) === LF
      const name = file.slice(0, -'.in'.length)
      return {
        name,
        bytes: isLine ? bytes.subarray(0, -1) : bytes,
        expectedFile: new URL(`${name}.json`, folder),
      }
    })
}

export function fixtureFolders(): readonly string[] {
  return readdirSync(ROOT).sort()
}

/** Lines of a captured log as records. */
export function captureRecords(path: string): ReturnType<typeof rawRecord>[] {
  const bytes = readFileSync(new URL(`./fixtures/captures/${path}`, import.meta.url))
  return linesOf(bytes).map((line) => rawRecord(line))
}

export function linesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(LF, from)
    const to = newline < 0 ? bytes.length : newline
    if (to > from) lines.push(bytes.subarray(from, to))
    from = to + 1
  }
  return lines
}

/** What a parser returned, as its fixture holds it: `undefined` fields are not there. */
export function asJson(outcome: Iterable<Event> | RejectReason): unknown {
  return typeof outcome === 'string' ? { reason: outcome } : JSON.parse(JSON.stringify([...outcome]))
}
