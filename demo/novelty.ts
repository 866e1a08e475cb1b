import { DAY_MS, HOUR_MS } from './curve.ts'
import { lot } from './dice.ts'
import { deployOn } from './pods.ts'
import type { Edge, Topology } from './topology.ts'

/** The new product is rolled out in office hours, 7 to 10 days after `start`. */
export function newProductAt(topology: Topology, start: number): number {
  const day = Math.floor(start / DAY_MS) + 7 + (lot(topology.seed, 'new product') % 4)
  return day * DAY_MS + 10 * HOUR_MS + (lot(topology.seed, 'new product/time') % (5 * HOUR_MS))
}

/** When calls over an edge begin, epoch ms: some come with the caller's first deploy after four days, some with the new product. */
export function beginsAt(topology: Topology, edge: Edge, start: number): number {
  if (edge.novelty === undefined) return start
  if (edge.novelty === 'new product') return newProductAt(topology, start) + 2 * 60_000
  for (let day = Math.floor(start / DAY_MS) + 4; ; day++) {
    const deployedAt = deployOn(topology.seed, edge.caller, day)
    if (deployedAt !== undefined) return deployedAt + 2 * 60_000
  }
}
