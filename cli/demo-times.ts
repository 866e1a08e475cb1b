import { ATTACK_MS } from '../demo/plan.ts'

const MINUTE_MS = 60_000
const HISTORY_MS = 14 * 24 * 60 * MINUTE_MS
/** Quiet traffic between the history and the attack, and after it. */
const CALM_MS = 10 * MINUTE_MS

/** Event time of the demo, epoch ms. */
export interface DemoTimes {
  /** Two weeks of history begin. */
  readonly start: number
  readonly attackStart: number
  /** The attack is over; from here on traffic goes on as it happens. */
  readonly attackEnd: number
}

/** Times of a demo that has come to the present when its attack is over. */
export function demoTimes(now: number): DemoTimes {
  const attackEnd = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const attackStart = attackEnd - CALM_MS - ATTACK_MS
  return { start: attackStart - CALM_MS - HISTORY_MS, attackStart, attackEnd }
}
