import type { Event } from '../domain/event.ts'
import type { RawRecord } from '../domain/ports.ts'
import type { RejectReason } from '../domain/reject.ts'
import { parseAuto } from './auto.ts'
import type { Parser, SourceContext } from './parser.ts'

/**
 * The events of one record, or why it is refused. A record that was cut at the limit is refused whatever its beginning
 * says.
 * @param parser `auto` picks one by content
 */
export function parseRecord(
  record: RawRecord,
  parser: Parser | 'auto',
  context: SourceContext,
): Iterable<Event> | RejectReason {
  if (record.length > record.to - record.from) return 'too-large'
  return parser === 'auto' ? parseAuto(record, context) : parser.parse(record, context)
}
