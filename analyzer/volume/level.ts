import { type BlindRun, blindBetween } from '../engine/blindness.ts'
import { touch } from '../engine/table.ts'
import { addSample, addZeros, type Moments } from '../stats/moments.ts'
import type { Scope } from './scope.ts'

const DAY_MS = 86_400_000
/** A level grows by learning at most this much a day. */
const GROWTH_PER_DAY = 1.25

/** A closed window of a row. */
interface ClosedWindow {
  readonly row: number
  readonly window: number
  /** Its count without its season. */
  readonly y: number
  readonly blind: readonly BlindRun[]
  readonly wasTold: boolean
}

const scratch: Moments = { mean: 0, variance: 0, n: 0 }

/** Level of a row per window, without its season. */
export function levelOf({ table, mean }: Scope, row: number): number {
  return table.f32[row * table.words + mean]
}

/** Adds the windows since the last one that were seen empty, then `y`. */
export function learnLevel(scope: Scope, at: ClosedWindow): void {
  const { table, length } = scope
  const words = at.row * table.words
  const learned = table.u32[words + scope.learned]
  const gap = learned === 0 || at.wasTold ? 0 : Math.max(0, at.window - learned - 1)
  const skipped = gap === 0 ? 0 : gap - blindBetween(at.blind, learned, at.window)
  const before = table.f32[words + scope.mean]
  scratch.mean = before
  scratch.variance = table.f32[words + scope.variance]
  scratch.n = table.u16[at.row * table.halves + scope.n]
  addZeros(scratch, skipped, length.memory)
  addSample(scratch, at.y, length.memory)
  const days = ((skipped + 1) * length.lengthMs) / DAY_MS
  const grown = at.window * length.lengthMs - scope.firstAt(at.row) > DAY_MS
  table.f32[words + scope.mean] = grown
    ? Math.min(scratch.mean, (before + 0.1) * GROWTH_PER_DAY ** days)
    : scratch.mean
  table.f32[words + scope.variance] = scratch.variance
  table.u16[at.row * table.halves + scope.n] = scratch.n
  touch(table, at.row)
}
