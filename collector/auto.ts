import type { Event } from '../domain/event.ts'
import type { RawRecord } from '../domain/ports.ts'
import type { RejectReason } from '../domain/reject.ts'
import { readObject } from './json.ts'
import type { Parser, SourceContext } from './parser.ts'
import { PARSERS, parserNamed } from './registry.ts'

/**
 * The format `auto`: the parser that understood the source's last record goes first, so that an ordinary file costs
 * no recognition; only a record that it refuses is shown to the others.
 */
export function parseAuto(record: RawRecord, context: SourceContext): Iterable<Event> | RejectReason {
  const last = parserNamed(context.memo.format ?? '')
  const outcome = last?.parse(record, context)
  if (outcome !== undefined && typeof outcome !== 'string') return outcome
  const other = PARSERS.find((parser) => parser !== last && canRead(parser, record))
  if (other !== undefined) {
    const events = other.parse(record, context)
    if (typeof events !== 'string') context.memo.format = other.name
    return events
  }
  if (outcome !== undefined && last?.matches(record)) return outcome
  const value = readObject(record)
  return typeof value === 'string' ? value : 'unknown-format'
}

/** How a source of unknown format is cut into records, judged by its first bytes. */
export function framingOf(head: Uint8Array): Parser['framing'] {
  return wholeParserOf(head)?.framing ?? 'line'
}

/** The format that a file is in which begins like this, when it is one of those that are read as a whole. */
export function wholeParserOf(head: Uint8Array): Parser | undefined {
  const record = { text: '', chunk: head, from: 0, to: head.length, offset: 0, line: 0, length: head.length }
  return PARSERS.find((parser) => parser.framing === 'whole' && parser.matches(record))
}

/** Only a record of a format that is read whole has no text. */
function canRead(parser: Parser, record: RawRecord): boolean {
  return (parser.framing === 'whole') === (record.text === '') && parser.matches(record)
}
