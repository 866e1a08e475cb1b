import { hasCode } from '../../io/world-error.ts'
import { pause } from './role.ts'

const AGAIN_MS = 200

/**
 * Claims a partition, and again each time that another process came in between: until a process that stood still hears
 * that its group has gone on without it, two hold a partition to be theirs.
 */
export async function untilClaimed<Claimed>(
  stop: AbortSignal,
  claim: () => Promise<Claimed>,
): Promise<Claimed> {
  for (;;) {
    try {
      return await claim()
    } catch (error) {
      if (!hasCode(error, 'fenced') || stop.aborted) throw error
      await pause(AGAIN_MS, stop)
    }
  }
}
