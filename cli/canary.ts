/** Stages that a canary comes through. */
export const CANARY_STAGES = ['collector', 'analyzer', 'alerter'] as const
export type CanaryStage = (typeof CANARY_STAGES)[number]

/** A canary is sent so often at least. */
export const CANARY_EVERY_MS = 15_000

/**
 * Stamp of the newest canary that came through each stage of this process, epoch ms; 0 before the first. It stands
 * still when the stage, or the way to it, is stuck.
 */
export type CanaryStamps = { -readonly [Stage in CanaryStage]?: number }

/** Sends canaries through the rounds of one process. */
export interface Canary {
  readonly stamps: CanaryStamps
  /** The stamp of a canary that is due now, which counts as sent; undefined when none is. */
  send(): number | undefined
  /** It came through the stage. */
  pass(stage: CanaryStage, stamp: number | undefined): void
}

/** @param clock wall clock, epoch ms */
export function createCanary(clock: () => number): Canary {
  const stamps: CanaryStamps = { collector: 0, analyzer: 0, alerter: 0 }
  let sentAt = 0
  return {
    stamps,
    send: () => {
      const now = clock()
      if (now >= sentAt && now - sentAt < CANARY_EVERY_MS) return undefined
      sentAt = now
      return now
    },
    pass: (stage, stamp) => {
      if (stamp !== undefined) stamps[stage] = stamp
    },
  }
}

/** Stamp of the partition that is furthest behind; NaN when there is no partition. */
export function furthestBehind(stamps: readonly number[]): number {
  return stamps.length === 0 ? Number.NaN : Math.min(...stamps)
}
