import type { NotReady } from '../io/http-probes.ts'

/** What can keep the process from its work: the closed list, each explained in `docs/operations.md`. */
export const NOT_READY_REASONS = [
  'starting',
  'stopping',
  'store-unwritable',
  'source-unreadable',
  'stalled',
] as const
export type NotReadyReason = (typeof NOT_READY_REASONS)[number]

/** Collects what keeps the process from its work. */
export interface Readiness {
  set(reason: NotReadyReason, detail: string): void
  clear(reason: NotReadyReason): void
  reasons(): readonly NotReady[]
}

/** Nothing known but that the process is starting. */
export function createReadiness(): Readiness {
  const reasons = new Map<NotReadyReason, string>([['starting', 'the stored state is being loaded']])
  return {
    set: (reason, detail) => reasons.set(reason, detail),
    clear: (reason) => reasons.delete(reason),
    reasons: () => [...reasons].map(([reason, detail]) => ({ reason, detail })),
  }
}
