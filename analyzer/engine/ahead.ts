import { ROW } from '../../domain/batch.ts'
import type { Engine } from './engine.ts'
import { firstGuess } from './pair-index.ts'
import type { View } from './rows.ts'
import type { Table } from './table.ts'

/**
 * Reads what the next rows will need, before they need it. With millions of edges nearly every row waits for memory
 * several times, each time for an address that the last answer gave; here the same addresses of many rows are asked
 * for at once, and memory answers them side by side. It changes nothing but the time that the rows take.
 */

/** Rows that are looked at together. */
export const AHEAD_ROWS = 32
/** Edges of so few rows are in the processor's cache anyway. */
const FEW_EDGES = 50_000
/** 4-byte words between two cache lines. */
const LINE_WORDS = 16

const found = new Uint32Array(AHEAD_ROWS)
/** Keeps the reads from being optimised away. */
const read = new Uint32Array(1)

/** Reads the edges of the call rows from `from` on. */
export function lookAhead({ state }: Engine, view: View, from: number): void {
  const { edges, edgeIndex, identities } = state
  if (edges.rows < FEW_EDGES) return
  const { kind, caller, callee } = view.batch.columns
  const to = Math.min(from + AHEAD_ROWS, view.batch.rows)
  let edgesFound = 0
  let sum = 0
  for (let i = from; i < to; i++) {
    if ((kind[i] & ROW.call) === 0) continue
    const a = view.identities[caller[i]]
    const b = view.identities[callee[i]]
    if (a <= 0 || b <= 0) continue
    found[edgesFound++] = firstGuess(edgeIndex, a - 1, b - 1)
    sum += readRow(identities, a - 1) + readRow(identities, b - 1)
  }
  for (let k = 0; k < edgesFound; k++) sum += readRow(edges, found[k])
  read[0] = sum
}

function readRow({ u32, words }: Table, row: number): number {
  let sum = 0
  for (let word = 0; word < words; word += LINE_WORDS) sum += u32[row * words + word]
  return sum
}
