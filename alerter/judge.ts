import type { AttemptOutcome, Delivery } from '../domain/incident.ts'
import { nextWaitMs } from './retry.ts'
import { retryAfterMs } from './retry-after.ts'

/** How one attempt ended, as the sender saw it. */
export interface Attempt {
  readonly outcome: AttemptOutcome
  /** HTTP status, when there was an answer. */
  readonly status?: number
  readonly retryAfter?: string
}

/** What follows from an attempt. */
export interface Verdict {
  readonly delivery: Delivery
  /** For this long nothing more goes to the endpoint. */
  readonly pauseMs: number
  /** The endpoint asked to hear no more. */
  readonly isGone: boolean
}

/** An answer that says the request itself is wrong is tried this often: a deploy may be half done, more is noise. */
const REFUSED_ATTEMPTS = 4
const REFUSED: ReadonlySet<AttemptOutcome> = new Set([
  'redirect',
  'status-4xx',
  'forbidden-address',
  'forbidden-url',
])

/** Request Timeout and Too Early: statuses of the 4xx class that ask for the same request again. */
const AGAIN: ReadonlySet<number> = new Set([408, 425])

/** Statuses by which a receiver says that it has too much to do (Standard Webhooks, "slow down"). */
const SLOW_DOWN: ReadonlySet<number> = new Set([429, 502, 503, 504])
const SLOW_DOWN_MS = 5_000

/**
 * The delivery after one more attempt.
 * @param now wall clock, epoch ms, at the end of the attempt
 * @param dice 0 to below 1
 */
export function judge(
  delivery: Delivery,
  attempt: Attempt,
  { now, dice }: { now: number; dice: number },
): Verdict {
  const attempts = delivery.attempts + 1
  const { outcome } = attempt
  if (outcome === 'delivered')
    return { delivery: { ...delivery, attempts, state: 'delivered' }, pauseMs: 0, isGone: false }
  const failed = { ...delivery, attempts, lastError: outcome }
  if (outcome === 'gone') return { delivery: { ...failed, state: 'failed' }, pauseMs: 0, isGone: true }
  const asked = retryAfterMs(attempt.retryAfter, now)
  const pauseMs = asked ?? (SLOW_DOWN.has(attempt.status ?? 0) ? SLOW_DOWN_MS : 0)
  const wait = isRefusal(attempt) && attempts >= REFUSED_ATTEMPTS ? undefined : nextWaitMs(attempts, dice)
  if (wait === undefined) return { delivery: { ...failed, state: 'failed' }, pauseMs, isGone: false }
  return { delivery: { ...failed, dueAt: now + Math.max(wait, pauseMs) }, pauseMs, isGone: false }
}

function isRefusal({ outcome, status }: Attempt): boolean {
  return REFUSED.has(outcome) && !AGAIN.has(status ?? 0)
}
