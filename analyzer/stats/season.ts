/**
 * The daily and weekly curve of an identity's calls: 48 slots, 24 hours of weekdays and 24 of weekends (UTC), each
 * a factor on the level. A slot is used after two visits; few calls pull it towards 1.
 */

export const SLOTS = 48
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const MIN_FACTOR = 0.1
const MAX_FACTOR = 10
/** Calls' worth of belief that a slot is like the others. */
const PRIOR_CALLS = 10
/** Weight of the newest visit once a slot is well known. */
const MIN_WEIGHT = 0.15
/** Visits before a slot is believed. */
const USED_AFTER = 2

/** Slot of an instant: hour of the day, plus 24 on Saturday and Sunday (UTC; 1 January 1970 was a Thursday). */
export function slotOf(time: number): number {
  const hour = Math.floor((time % DAY_MS) / HOUR_MS)
  const weekday = (Math.floor(time / DAY_MS) + 4) % 7
  return weekday === 0 || weekday === 6 ? 24 + hour : hour
}

/** True when a slot had visits enough to be believed. */
export function isKnownSlot(visits: number): boolean {
  return visits >= USED_AFTER
}

/**
 * Factor of a slot.
 * @param mean mean count in this slot so far
 * @param visits times the slot was seen
 * @param level mean count over all slots
 */
export function seasonFactor(mean: number, visits: number, level: number): number {
  if (!isKnownSlot(visits) || level <= 0) return 1
  const factor = (mean * visits + PRIOR_CALLS) / (level * visits + PRIOR_CALLS)
  return Math.min(MAX_FACTOR, Math.max(MIN_FACTOR, factor))
}

/** Mean of a slot after one more visit with `count`. */
export function slotMean(mean: number, visits: number, count: number): number {
  return mean + (count - mean) * Math.max(MIN_WEIGHT, 1 / (visits + 1))
}
