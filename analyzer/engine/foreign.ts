import type { Engine } from './engine.ts'
import { addPair, findPair, removePair } from './pair-index.ts'
import type { State } from './state.ts'
import { takeRow, touch } from './table.ts'

/** Trusted edges of other partitions, by the rows of their ends: as many as there may be edges, the newest. */

export function isForeign({ foreignIndex }: State, caller: number, callee: number): boolean {
  return findPair(foreignIndex, caller, callee) >= 0
}

/** Remembers an edge that is not known yet. Beyond the bound the oldest is forgotten, and would count again if it were told again. */
export function addForeign(engine: Engine, caller: number, callee: number): void {
  const { foreign, foreignIndex } = engine.state
  const row = foreign.rows < engine.options.maxEdges ? takeRow(foreign) : forgetOldest(engine)
  foreign.u32[row * foreign.words + foreign.at.caller] = caller
  foreign.u32[row * foreign.words + foreign.at.callee] = callee
  touch(foreign, row)
  addPair(foreignIndex, row)
}

/** Rows are given out in turn, so the oldest is the one behind the newest. @returns its row */
function forgetOldest({ state: { foreign, foreignIndex }, clock, counters }: Engine): number {
  const row = clock.oldestForeign % foreign.rows
  clock.oldestForeign = row + 1
  removePair(foreignIndex, row)
  counters.overflow++
  return row
}
