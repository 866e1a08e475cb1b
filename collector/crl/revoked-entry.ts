import { isPlausible } from '../../domain/instant.ts'
import { contentsAt, endAt, TAG } from './der.ts'
import { isTime, timeAt } from './time.ts'

/** One entry of a list. A list of a million is walked with one of these, filled anew for each. */
export interface RevokedEntry {
  /** Where the bytes of the serial number lie, without leading zeros. */
  from: number
  to: number
  /** Revocation date, epoch ms. */
  time: number
  /** Reason code (RFC 5280, section 5.3.1); -1 without one. */
  reason: number
}

/** RFC 5280, section 4.1.2.2. */
const MAX_SERIAL_BYTES = 20

/** Object identifier 2.5.29.21, the reason code of an entry. */
const REASON_CODE = [0x55, 0x1d, 0x15]

/** An entry to be filled. */
export function emptyEntry(): RevokedEntry {
  return { from: 0, to: 0, time: 0, reason: -1 }
}

/**
 * Reads the entry at `at` into `entry`.
 * @returns the byte after it, or -1 when it is none
 */
export function readEntry(bytes: Uint8Array, at: number, end: number, entry: RevokedEntry): number {
  const to = bytes[at] === TAG.sequence ? endAt(bytes, at, end) : -1
  if (to < 0) return -1
  const serial = contentsAt(bytes, at)
  const date = endAt(bytes, serial, to)
  const extensions = date < 0 ? -1 : endAt(bytes, date, to)
  if (extensions < 0 || bytes[serial] !== TAG.integer || !isTime(bytes[date])) return -1
  const hasExtensions = extensions < to
  if (hasExtensions && endAt(bytes, extensions, to) !== to) return -1
  entry.to = date
  entry.from = contentsAt(bytes, serial)
  while (entry.from < date - 1 && bytes[entry.from] === 0) entry.from++
  entry.time = timeAt(bytes, date, extensions)
  entry.reason = hasExtensions ? reasonIn(bytes, extensions, to) : -1
  const digits = date - entry.from
  return digits > 0 && digits <= MAX_SERIAL_BYTES && isPlausible(entry.time) ? to : -1
}

/** The code of the first extension that is a reason code; -1 without one. */
function reasonIn(bytes: Uint8Array, extensions: number, end: number): number {
  for (let at = contentsAt(bytes, extensions); at < end; ) {
    const to = endAt(bytes, at, end)
    if (to < 0) return -1
    const oid = contentsAt(bytes, at)
    if (isReasonCode(bytes, oid, to)) return enumeratedIn(bytes, endAt(bytes, oid, to), to)
    at = to
  }
  return -1
}

function isReasonCode(bytes: Uint8Array, oid: number, end: number): boolean {
  if (oid + 5 > end || bytes[oid] !== TAG.oid || bytes[oid + 1] !== REASON_CODE.length) return false
  return (
    bytes[oid + 2] === REASON_CODE[0] &&
    bytes[oid + 3] === REASON_CODE[1] &&
    bytes[oid + 4] === REASON_CODE[2]
  )
}

/** What an extension holds after its identifier, when that is an enumerated value in an octet string. */
function enumeratedIn(bytes: Uint8Array, from: number, end: number): number {
  // `critical` may stand in front of the value.
  const value = bytes[from] === TAG.boolean ? endAt(bytes, from, end) : from
  if (value < 0 || bytes[value] !== TAG.octetString || endAt(bytes, value, end) < 0) return -1
  const code = contentsAt(bytes, value)
  return bytes[code] === TAG.enumerated && endAt(bytes, code, end) > code + 2 ? bytes[code + 2] : -1
}
