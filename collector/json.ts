import { isTooDeep } from '../domain/nesting.ts'
import type { RawRecord } from '../domain/ports.ts'
import type { RejectReason } from '../domain/reject.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** Records up to this length are parsed without a look at their nesting: it cannot exhaust the stack. */
const SCAN_CHARACTERS = 16_384
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
