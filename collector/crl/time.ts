import { contentsAt, TAG } from './der.ts'

/** Instants as ASN.1 writes them (RFC 5280, section 5.1.2.4), read without making texts of them. */

const ZERO = 48
const Z = 90

export function isTime(tag: number | undefined): boolean {
  return tag === TAG.utcTime || tag === TAG.generalizedTime
}

/**
 * Epoch milliseconds of the time element from `at` to `end`: `YYMMDDhhmmssZ` (years from 1950 on) or `YYYYMMDDhhmmssZ`; NaN when it
 * is neither, or no real instant.
 */
export function timeAt(bytes: Uint8Array, at: number, end: number): number {
  const from = contentsAt(bytes, at)
  const isLong = bytes[at] === TAG.generalizedTime
  if (end - from !== (isLong ? 15 : 13) || bytes[end - 1] !== Z) return Number.NaN
  const short = two(bytes, end - 13)
  const century = isLong ? two(bytes, from) : short < 50 ? 20 : 19
  return instantOf(century * 100 + short, bytes, end - 11)
}

/** @param at where month, day, hour, minute and second stand */
function instantOf(year: number, bytes: Uint8Array, at: number): number {
  const month = two(bytes, at)
  const day = two(bytes, at + 2)
  const hour = two(bytes, at + 4)
  const minute = two(bytes, at + 6)
  const second = two(bytes, at + 8)
  // `Date.UTC` takes years before 100 for others, and lets what is too large run over into the next unit.
  if (!(year >= 1000 && month >= 1 && month <= 12 && hour <= 23 && minute <= 59 && second <= 59))
    return Number.NaN
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  const isDay = (day >= 1 && day <= 28) || new Date(time).getUTCDate() === day
  return isDay ? time : Number.NaN
}

/** Two decimal digits at `at`, or NaN. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - ZERO
  const ones = bytes[at + 1] - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}
