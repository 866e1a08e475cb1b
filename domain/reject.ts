/**
 * Why a record was refused: the closed list. A reason is a metric label, a field of the rejects store and a
 * documented word, so it never carries text of the record.
 */
export const REJECT_REASONS = {
  empty: 'the record holds no byte other than white space',
  'too-large': 'the record is longer than the limit; its first bytes, its length and its position are kept',
  'too-deep': 'arrays and objects are nested deeper than the limit',
  'not-json': 'the record is not one whole JSON value',
  'not-an-object': 'the record is JSON but not an object',
  'unknown-format': 'no parser recognises the record',
  'unknown-kind': 'the field "kind" is not one that the event schema names',
  'missing-field': 'a required field is absent or null',
  'wrong-type': 'a field has a value of another type than the schema names',
  'invalid-number':
    'a number is negative, not finite or beyond 2^53 where a count, size or duration is due, or a fraction where a whole number is',
  'invalid-time': 'a time is no real instant: not RFC 3339, without a zone, or not in the calendar',
  'time-out-of-range': 'a time lies before 1970 or after the year 9999',
  'invalid-identity': 'an identity is empty, too long, or a SPIFFE id that breaks the SPIFFE grammar',
  'invalid-credential': 'a credential has no usable kind or id',
  'not-permitted': 'the token of the source may not send events of this kind',
  'invalid-crl': 'the bytes are not a certificate revocation list in DER or PEM form',
  'not-a-batch': 'a record of the stream between collectors and analyzers is none that a collector wrote',
  undecodable: 'the bytes of a compressed input cannot be decompressed further',
} as const

export type RejectReason = keyof typeof REJECT_REASONS

/** One refused record as it is kept: the bytes have recognised secrets masked at equal length. */
export interface Reject {
  readonly reason: RejectReason
  /** Name of the source, for a file its path. */
  readonly source: string
  readonly generation: string
  /** Byte offset in a file, journal number of an HTTP or stdin record. */
  readonly offset: number
  /** Line number from 1 where the source has lines, else 0. */
  readonly line: number
  /** Length of the whole record in bytes; `bytes` may hold only its beginning. */
  readonly length: number
  readonly bytes: Uint8Array
}
