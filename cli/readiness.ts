import type { NotReady } from '../io/http-probes.ts'

/** What can keep the process from its work: the closed list, each explained in `docs/operations.md`. */
export const NOT_READY_REASONS = [
  'starting',
  'stopping',
  'store-unwritable',
  'source-unreadable',
  'kafka-unreachable',
  'kafka-unwritable',
  'facts-missing',
  'stalled',
] as const
export type NotReadyReason = (typeof NOT_READY_REASONS)[number]

/** Collects what keeps the process from its work. */
export interface Readiness {
  /** @param about which of several things, where there are several */
  set(reason: NotReadyReason, detail: string, about?: string): void
  clear(reason: NotReadyReason, about?: string): void
  /** Called by work that comes round again and again: when it has not for a minute, the process is stalled. */
  beat(): void
  reasons(): readonly NotReady[]
}

const STALLED_MS = 60_000

/**
 * Nothing known but that the process is starting.
 * @param now milliseconds of any clock that only goes forward
 */
export function createReadiness(now: () => number): Readiness {
  const known = new Map([['starting', { reason: 'starting', detail: 'the stored state is being loaded' }]])
  let beatAt = Number.POSITIVE_INFINITY
  const key = (reason: NotReadyReason, about?: string) =>
    about === undefined ? reason : `${reason} ${about}`
  return {
    set: (reason, detail, about) => known.set(key(reason, about), { reason, detail }),
    clear: (reason, about) => known.delete(key(reason, about)),
    beat: () => {
      beatAt = now()
    },
    reasons: () => {
      const seconds = Math.round((now() - beatAt) / 1000)
      const stalled = { reason: 'stalled', detail: `nothing was analysed for ${seconds} s` }
      return [...known.values(), ...(seconds * 1000 >= STALLED_MS ? [stalled] : [])]
    },
  }
}
