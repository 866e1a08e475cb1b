import { positionsOf, restore } from '../analyzer/engine/checkpoint.ts'
import type { Engine } from '../analyzer/engine/engine.ts'
import type { Collector } from '../collector/collect.ts'
import type { Position } from '../domain/coordinate.ts'
import type { CheckpointStore } from '../domain/ports.ts'

/** Going on where the last run was. All partitions of a process are stored together, so they stand at one place. */

/** Claims every partition and takes up its stored state. */
export async function claimAll(
  engines: readonly Engine[],
  checkpoints: CheckpointStore,
): Promise<{ epochs: number[]; sequence: number }> {
  const epochs: number[] = []
  let sequence = 0
  for (const engine of engines) {
    const claim = await checkpoints.claim(engine.options.partition)
    epochs.push(claim.epoch)
    if (claim.checkpoint === undefined) continue
    restore(engine, claim.checkpoint)
    sequence = claim.checkpoint.sequence
  }
  return { epochs, sequence }
}

/** Where each source is to be read on. */
export function resumePositions([engine]: readonly Engine[]): Map<string, Position> {
  return new Map(positionsOf(engine).map((position) => [position.source, position]))
}

/** Event time goes on from where the state stands; while nothing comes, with the wall clock from now on. */
export function resumeClock({ clock, options }: Collector, [engine]: readonly Engine[]): void {
  clock.frontier = engine.clock.frontier
  clock.watermark = engine.clock.watermark
  if (clock.frontier > 0) clock.lastEventAt = options.wallClock?.() ?? 0
}
