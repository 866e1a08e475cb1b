import { setTimeout as sleep } from 'node:timers/promises'
import { isStoreFailure } from '../io/store-failure.ts'
import type { Readiness } from './readiness.ts'

/** What waiting for a store needs. */
export interface PersistSetup {
  readonly readiness: Readiness
  /** Ends the waiting: what was not written is read again by the next run. */
  readonly stop: AbortSignal
  readonly log: (level: 'info' | 'error', message: string, fields?: object) => void
}

const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5000

/**
 * Repeats a write until the store takes it: a full disk stops the work and loses nothing. Only for writes that may be
 * repeated. Any other error is thrown.
 */
export function persistent({ readiness, stop, log }: PersistSetup) {
  return async <Result>(write: () => Promise<Result>): Promise<Result> => {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
      try {
        const result = await write()
        if (waitMs > FIRST_WAIT_MS) log('info', 'the store takes writes again')
        readiness.clear('store-unwritable')
        return result
      } catch (error) {
        if (!isStoreFailure(error) || stop.aborted) throw error
        readiness.set('store-unwritable', error.message)
        if (waitMs === FIRST_WAIT_MS) log('error', 'the store cannot be written', { error: error.message })
        await sleep(waitMs, undefined, { signal: stop }).catch(() => {})
      }
    }
  }
}
