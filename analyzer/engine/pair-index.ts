import type { Table } from './table.ts'

/**
 * Finds the row of a pair of 32-bit keys by open addressing with linear probing. The keys stay in the table's own
 * rows. A slot holds a row number plus one in its low 24 bits and 8 bits of the hash above them, so that an entry
 * costs 4 bytes and a probe of the wrong slot seldom has to look at a row, which would be a cache miss.
 */
export interface PairIndex {
  slots: Uint32Array
  used: number
  readonly table: Table
  /** Columns of the two keys. */
  readonly first: number
  readonly second: number
}

/** Rows that an index can hold. */
export const MAX_INDEXED_ROWS = 2 ** 24 - 2
const ROW_MASK = 0xffffff
const FIRST_SLOTS = 256

/** An empty index over two u32 columns of a table. */
export function createPairIndex(table: Table, first: number, second: number): PairIndex {
  return { slots: new Uint32Array(FIRST_SLOTS), used: 0, table, first, second }
}

/** Spreads a pair of keys over 32 bits (Murmur3's finaliser). */
export function mixPair(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function hashOf(index: PairIndex, row: number): number {
  const at = row * index.table.words
  return mixPair(index.table.u32[at + index.first], index.table.u32[at + index.second])
}

/** Row of the pair, or -1. */
export function findPair(index: PairIndex, a: number, b: number): number {
  const { slots, table } = index
  const mask = slots.length - 1
  const hash = mixPair(a, b)
  const tag = hash & ~ROW_MASK
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const entry = slots[slot]
    if (entry === 0) return -1
    if (((entry ^ tag) & ~ROW_MASK) !== 0) continue
    const row = (entry & ROW_MASK) - 1
    const at = row * table.words
    if (table.u32[at + index.first] === a && table.u32[at + index.second] === b) return row
  }
}

/** Row that the pair's first slot names, which is most often the pair's; 0 when the slot is empty. */
export function firstGuess({ slots }: PairIndex, a: number, b: number): number {
  const row = (slots[mixPair(a, b) & (slots.length - 1)] & ROW_MASK) - 1
  return Math.max(row, 0)
}

/** Adds a row whose pair is not in the index yet; the keys must already stand in the row. */
export function addPair(index: PairIndex, row: number): void {
  if (isTooFull(index.used + 1, index.slots.length)) grow(index)
  place(index, row)
  index.used++
}

function isTooFull(rows: number, slots: number): boolean {
  return rows * 5 > slots * 3
}

function place(index: PairIndex, row: number): void {
  const mask = index.slots.length - 1
  const hash = hashOf(index, row)
  let slot = hash & mask
  while (index.slots[slot] !== 0) slot = (slot + 1) & mask
  index.slots[slot] = ((hash & ~ROW_MASK) | (row + 1)) >>> 0
}

function grow(index: PairIndex): void {
  const old = index.slots
  index.slots = new Uint32Array(old.length * 2)
  for (const entry of old) if (entry !== 0) place(index, (entry & ROW_MASK) - 1)
}

/** Takes out the row of a pair by moving later entries of its run back (Knuth, TAOCP 6.4, algorithm R). */
export function removePair(index: PairIndex, row: number): void {
  const { slots } = index
  const mask = slots.length - 1
  let hole = hashOf(index, row) & mask
  while ((slots[hole] & ROW_MASK) - 1 !== row) {
    if (slots[hole] === 0) return
    hole = (hole + 1) & mask
  }
  for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
    const home = hashOf(index, (slots[slot] & ROW_MASK) - 1) & mask
    if (((slot - home) & mask) >= ((slot - hole) & mask)) {
      slots[hole] = slots[slot]
      hole = slot
    }
  }
  slots[hole] = 0
  index.used--
}

/** Empties an index, with room for so many rows that are added next. */
export function clearPairIndex(index: PairIndex, rows: number): void {
  let slots = FIRST_SLOTS
  while (isTooFull(rows, slots)) slots *= 2
  index.slots = new Uint32Array(slots)
  index.used = 0
}
