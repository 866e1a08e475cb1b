const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/**
 * Waits before each attempt, in ms: dense at first, because a page must not wait five minutes for a receiver that
 * restarts; every two minutes to the end of the first hour; then over three days, as Standard Webhooks advises.
 */
export const SCHEDULE_MS: readonly number[] = [
  0,
  ...[1, 2, 5, 10, 30, 60].map((seconds) => seconds * SECOND),
  ...Array.from({ length: 29 }, () => 2 * MINUTE),
  10 * MINUTE,
  30 * MINUTE,
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
]

/** Each wait is spread by this share to both sides, so that many deliveries that failed together do not return together. */
const JITTER = 0.2

/**
 * Time to wait after an attempt failed.
 * @param attempts attempts made, from 1
 * @param dice 0 to below 1
 * @returns milliseconds, or undefined when the schedule has come to its end
 */
export function nextWaitMs(attempts: number, dice: number): number | undefined {
  const wait = SCHEDULE_MS.at(attempts)
  return wait === undefined ? undefined : Math.round(wait * (1 - JITTER + 2 * JITTER * dice))
}
