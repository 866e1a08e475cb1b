import type { Event } from '../domain/event.ts'
import type { RawRecord } from '../domain/ports.ts'
import type { RejectReason } from '../domain/reject.ts'
import type { Visibility } from '../domain/visibility.ts'
import type { Memo } from './memo.ts'

/**
 * A log format. Bad input is a value, never an exception: a parser returns for any record. It keeps nothing
 * between records; what it wants to remember it puts in the context.
 */
export interface Parser {
  /** Kebab-case; the same in the file name, the registry, the fixtures, the config and the docs. */
  readonly name: string
  /** One sentence for the reference: which systems write this format. */
  readonly describes: string
  /** `line`: records end with a newline. `whole`: the whole file is one record and `text` is empty. */
  readonly framing: 'line' | 'whole'
  /** What rows of this format can ever give; a detector that needs more says "cannot evaluate". */
  readonly carries: readonly Visibility[]
  /** True when the record looks like this format; used by `auto`, cheap, and wrong only towards true. */
  matches(record: RawRecord): boolean
  /**
   * The events of one record; none when the record is sound but of no interest; a reason when it is refused. A record
   * read whole may hold a million: then not an array but an iterable that makes each when it is asked for, and the
   * same ones again when it is asked again.
   */
  parse(record: RawRecord, context: SourceContext): Iterable<Event> | RejectReason
}

/** What a parser may know beside the record. One a source, for the life of the process. */
export interface SourceContext {
  readonly source: string
  /** For identity spellings that name no trust domain. */
  readonly trustDomain: string
  /** Keyed HMAC of a bearer secret: `hmac-sha256:` and 64 hex digits. */
  hmac(secret: string): string
  readonly memo: Memo
}
