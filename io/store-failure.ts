import { hasCode } from './world-error.ts'

const CODES = ['ERR_SQLITE_ERROR', 'redis-unreachable', 'redis-refused'] as const

/**
 * True for an error of the store itself, which may pass: disk full, locked, out of reach, out of memory, no
 * permission. What it was asked to write may be written again.
 */
export function isStoreFailure(error: unknown): error is Error {
  return CODES.some((code) => hasCode(error, code))
}
