import type { Scope } from './scope.ts'

const DAY_MS = 86_400_000

/**
 * Count from which a row is judged although it is learning: twenty times what its peers reach in a whole day. 0 once it
 * is a day old itself.
 */
export function learningGate(scope: Scope, row: number, time: number): number {
  if (time - scope.firstAt(row) >= DAY_MS) return 0
  if (time - scope.world.bornAt() < DAY_MS) return Number.MAX_SAFE_INTEGER
  const usual = scope.p99()
  return usual > 0 ? Math.ceil(20 * usual) : Number.MAX_SAFE_INTEGER
}

/** 0 in the first day unless far above the peers, 2/3 in the first week, then 1. */
export function confidence(scope: Scope, at: { row: number; window: number; count: number }): number {
  const time = at.window * scope.length.lengthMs
  if (time - scope.firstAt(at.row) >= 7 * DAY_MS) return 1
  return at.count >= learningGate(scope, at.row, time) ? 1 / 1.5 : 0
}
