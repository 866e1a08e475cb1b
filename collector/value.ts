import { isPlausible, parseInstant } from '../domain/instant.ts'
import type { RejectReason } from '../domain/reject.ts'

/** Reading one value of a JSON record: null, `-` and the empty string say the same as a key that is not there. */

/** Longest optional text that is kept whole. */
export const MAX_TEXT_LENGTH = 512

/** The text, or undefined when it is absent or no text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined
}

/** True when a value stands where a text is due and is none. */
export function isNoText(value: unknown): boolean {
  return typeof value !== 'string' && value !== null && value !== undefined
}

/** The text cut to its limit, with an ellipsis where it was cut and U+FFFD for unpaired surrogates. */
export function bounded(text: string, maxLength = MAX_TEXT_LENGTH): string {
  if (text.length > maxLength) return `${text.slice(0, maxLength - 1).toWellFormed()}…`
  return text.isWellFormed() ? text : text.toWellFormed()
}

export function boundedText(value: unknown): string | undefined {
  const text = textOf(value)
  return text === undefined ? undefined : bounded(text)
}

/** A count, size or duration from 0 to 2^53 − 1, as a number or in digits; undefined when absent, NaN when it is none. */
export function amountOf(value: unknown): number | undefined {
  if (typeof value === 'number') return isAmount(value) ? value : Number.NaN
  if (value === null || value === undefined || value === '' || value === '-') return undefined
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
}

export function isAmount(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

/** Why `amountOf` gave NaN for this value. */
export function amountReason(value: unknown): RejectReason {
  return typeof value === 'number' ? 'invalid-number' : 'wrong-type'
}

/** An instant written as RFC 3339 or as a number of epoch milliseconds. */
export function instantOf(value: unknown): number | RejectReason {
  if (value === null || value === undefined) return 'missing-field'
  if (typeof value !== 'string' && typeof value !== 'number') return 'wrong-type'
  const time = typeof value === 'string' ? parseInstant(value) : value
  if (Number.isNaN(time)) return 'invalid-time'
  return isPlausible(time) ? time : 'time-out-of-range'
}
