import type { RawRecord } from '../domain/ports.ts'
import type { RejectReason } from '../domain/reject.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** Records up to this length are parsed without a look at their nesting: it cannot exhaust the stack. */
const SCAN_CHARACTERS = 16_384
const MAX_DEPTH = 64
const BYTE_ORDER_MARK = 0xfeff

/** The object that the record holds, or why it holds none. Of repeated keys the last one counts. */
export function readObject(record: RawRecord): JsonObject | RejectReason {
  const text = record.text.charCodeAt(0) === BYTE_ORDER_MARK ? record.text.slice(1) : record.text
  if (text.length > SCAN_CHARACTERS && isTooDeep(text)) return 'too-deep'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return text.trim() === '' ? 'empty' : 'not-json'
  }
  return isObject(value) ? value : 'not-an-object'
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Counts brackets outside strings; needs no valid JSON. */
export function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) at = stringEnd(text, at)
    else if (code === 123 || code === 91) {
      if (++depth > MAX_DEPTH) return true
    } else if (code === 125 || code === 93) depth--
  }
  return false
}

/** Index of the quote that closes the string opened at `at`, or the end of the text. */
function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 92) i++
    else if (code === 34) return i
  }
  return text.length
}
