import { setTimeout as sleep } from 'node:timers/promises'

/** Deliveries that nobody waits for while the work goes on. */
export interface InFlight {
  /** @param sent never rejects */
  add(sent: Promise<void>): void
  /** Waits until they have ended, for some seconds at most: what is not sent is owed, and the next process sends it. */
  ended(): Promise<void>
}

const LAST_DELIVERIES_MS = 5000

export function createInFlight(): InFlight {
  const sending = new Set<Promise<void>>()
  return {
    add: (sent) => {
      const gone = sent.finally(() => sending.delete(gone))
      sending.add(gone)
    },
    ended: async () => {
      await Promise.race([Promise.all(sending), sleep(LAST_DELIVERIES_MS, undefined, { ref: false })])
    },
  }
}
