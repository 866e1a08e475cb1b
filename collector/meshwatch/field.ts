import type { RejectReason } from '../../domain/reject.ts'
import { isObject, type JsonObject } from '../json.ts'
import { bounded, instantOf, isAmount } from '../value.ts'

/**
 * Reading the fields of one object. A field that is absent or null is undefined; the first one that breaks the schema
 * is noted, so that a reader can build its event as one literal and look once at the end.
 */
export interface Fields {
  readonly row: JsonObject
  refused: RejectReason | undefined
}

function refuse(fields: Fields, reason: RejectReason): undefined {
  fields.refused ??= reason
}

/** A text cut to its limit; '' counts as absent. */
export function text(fields: Fields, key: string): string | undefined {
  const value = fields.row[key]
  if (typeof value === 'string') return value === '' ? undefined : bounded(value)
  return value === null || value === undefined ? undefined : refuse(fields, 'wrong-type')
}

export function flag(fields: Fields, key: string): boolean | undefined {
  const value = fields.row[key]
  if (typeof value === 'boolean') return value
  return value === null || value === undefined ? undefined : refuse(fields, 'wrong-type')
}

/** An instant as epoch ms or RFC 3339. */
export function instant(fields: Fields, key: string): number | undefined {
  const value = fields.row[key]
  if (value === null || value === undefined) return undefined
  const time = instantOf(value)
  return typeof time === 'string' ? refuse(fields, time) : time
}

/** A number from 0 to 2^53 − 1. */
export function amount(fields: Fields, key: string): number | undefined {
  const value = fields.row[key]
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'number') return refuse(fields, 'wrong-type')
  return isAmount(value) ? value : refuse(fields, 'invalid-number')
}

export function wholeAmount(fields: Fields, key: string): number | undefined {
  const value = amount(fields, key)
  return value === undefined || Number.isInteger(value) ? value : refuse(fields, 'invalid-number')
}

/** A text or a finite number. */
export function textOrNumber(fields: Fields, key: string): string | number | undefined {
  const value = fields.row[key]
  if (typeof value !== 'number') return text(fields, key)
  return Number.isFinite(value) ? value : refuse(fields, 'invalid-number')
}

export function oneOf<Word extends string>(
  fields: Fields,
  key: string,
  words: readonly Word[],
): Word | undefined {
  const value = fields.row[key]
  if (value === null || value === undefined) return undefined
  return words.find((word) => word === value) ?? refuse(fields, 'wrong-type')
}

export function object(fields: Fields, key: string): JsonObject | undefined {
  const value = fields.row[key]
  if (value === null || value === undefined) return undefined
  return isObject(value) ? value : refuse(fields, 'wrong-type')
}
