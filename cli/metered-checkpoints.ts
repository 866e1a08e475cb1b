import type { CheckpointStore } from '../domain/ports.ts'
import type { Meter } from './meter.ts'

/** The store with its calls timed and its failures counted, and what it has saved measured. */
export function meteredCheckpoints(given: CheckpointStore, meter: Meter): CheckpointStore {
  const store = meter.stored('checkpoints', given)
  return {
    claim: (partition) => store.claim(partition),
    save: async (change) => {
      const began = performance.now()
      const answer = await store.save(change)
      const bytes = [...change.changed.pages.values()].reduce((sum, page) => sum + page.length, 0)
      if (answer === 'saved') meter.onCheckpoint((performance.now() - began) / 1000, bytes)
      return answer
    },
  }
}
