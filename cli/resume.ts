import { positionsOf, restore } from '../analyzer/engine/checkpoint.ts'
import type { Engine } from '../analyzer/engine/engine.ts'
import type { Collector } from '../collector/collect.ts'
import type { Position } from '../domain/coordinate.ts'
import { generationNumber } from '../domain/generation.ts'
import type { CheckpointStore } from '../domain/ports.ts'

/**
 * Going on where the last run was. Partitions are stored one after the other, so after a crash some may be a checkpoint
 * behind: everything goes on from the earliest of them, and the others skip what they know.
 */

/** Claims every partition and takes up its stored state. */
export async function claimAll(
  engines: readonly Engine[],
  checkpoints: CheckpointStore,
): Promise<{ epochs: number[]; sequences: number[] }> {
  const epochs: number[] = []
  const sequences: number[] = []
  for (const engine of engines) {
    const { epoch, checkpoint } = await checkpoints.claim(engine.options.partition)
    epochs.push(epoch)
    sequences.push(checkpoint?.sequence ?? 0)
    if (checkpoint !== undefined) restore(engine, checkpoint)
  }
  return { epochs, sequences }
}

/** Where each source must be read again so that no partition misses anything. */
export function resumePositions(engines: readonly Engine[]): Map<string, Position> {
  const known = engines.map((engine) => new Map(positionsOf(engine).map((at) => [at.source, at])))
  const sources = new Set(known.flatMap((positions) => [...positions.keys()]))
  return new Map([...sources].map((source) => [source, earliest(known.map((each) => each.get(source)))]))
}

/** A partition that knows nothing of the source yet needs it from its beginning. */
function earliest(positions: readonly (Position | undefined)[]): Position {
  const known = positions.filter((position) => position !== undefined).sort(byPlace)
  return known.length === positions.length ? known[0] : { ...known[0], offset: 0, line: 0 }
}

function byPlace(a: Position, b: Position): number {
  return generationNumber(a.generation) - generationNumber(b.generation) || a.offset - b.offset
}

/** Event time goes on from where the state stands; while nothing comes, with the wall clock from now on. */
export function resumeClock({ clock, options }: Collector, engines: readonly Engine[]): void {
  clock.frontier = Math.min(...engines.map((engine) => engine.clock.frontier))
  clock.watermark = Math.min(...engines.map((engine) => engine.clock.watermark))
  if (clock.frontier > 0) clock.lastEventAt = options.wallClock?.() ?? 0
}
