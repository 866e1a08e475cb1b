/**
 * Instants are epoch milliseconds. Text is RFC 3339 read strictly, because `Date.parse` rolls 30 February over,
 * accepts 24:00 and takes text without a zone as local time.
 */

/** Last instant that is accepted: the end of the year 9999. */
export const MAX_TIME = 253_402_300_799_999

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Two decimal digits at `at`, or NaN. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/** Days since 1970-01-01 of a proleptic Gregorian date (Hinnant, "chrono-compatible low-level date algorithms"). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  )
}

function daysInMonth(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return month === 2 && leap ? 29 : DAYS[month - 1]
}

/** Milliseconds of the zone at `at`: `Z`, `z` or `±hh:mm`, which must end the text; NaN otherwise. */
function zone(text: string, at: number): number {
  const sign = text.charCodeAt(at)
  if (sign === 90 || sign === 122) return text.length === at + 1 ? 0 : Number.NaN
  if ((sign !== 43 && sign !== 45) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58)
    return Number.NaN
  const hours = two(text, at + 1)
  const minutes = two(text, at + 4)
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN
  return (sign === 45 ? -1 : 1) * (hours * 3_600_000 + minutes * 60_000)
}

/**
 * Epoch milliseconds of an RFC 3339 date-time; digits beyond the millisecond are cut. NaN when the text is no
 * real instant with a zone. A leap second (`:60`) is none here.
 */
export function parseInstant(text: string): number {
  if (text.length < 20 || !hasSeparators(text)) return Number.NaN
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  const hour = two(text, 11)
  const minute = two(text, 14)
  const second = two(text, 17)
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN
  const days = daysFromCivil(year, month, day)
  return days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + rest(text)
}

/** `-`, `-`, `T` (or `t`, or a space), `:`, `:` in their places. */
function hasSeparators(text: string): boolean {
  const middle = text.charCodeAt(10)
  return (
    (middle === 84 || middle === 116 || middle === 32) &&
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(7) === 45 &&
    text.charCodeAt(13) === 58 &&
    text.charCodeAt(16) === 58
  )
}

/** Milliseconds of what follows the seconds: the fraction less the zone; NaN when it is malformed. */
function rest(text: string): number {
  if (text.charCodeAt(19) !== 46) return -zone(text, 19)
  let at = 20
  let milliseconds = 0
  let scale = 100
  for (let digit = text.charCodeAt(at) - 48; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - 48) {
    milliseconds += digit * scale
    scale = scale >= 10 ? scale / 10 : 0
  }
  return at === 20 ? Number.NaN : milliseconds - zone(text, at)
}

/** True when `time` (epoch ms) can be a time of an event: finite, from 1970 to the year 9999. */
export function isPlausible(time: number): boolean {
  return time >= 0 && time <= MAX_TIME
}
