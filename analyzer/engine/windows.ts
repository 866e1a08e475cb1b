import type { BlindRun } from './blindness.ts'
import { type Layout, type Table, touch } from './table.ts'

/**
 * Counts in event-time windows of one length, for every row of one table. Two windows are open at any time: the one
 * that holds the watermark and the next one. Both reporters of a call count apart, and a window's count is the
 * larger of the two, so a call that both proxies logged counts once whatever the order.
 */
export interface Windows {
  readonly table: Table
  readonly lengthMs: number
  readonly at: {
    readonly server: number
    readonly client: number
    readonly gate: number
    readonly learned: number
    readonly steady: number
  }
  /** Number of the earlier open window (epoch ms / length); -1 before the first watermark. */
  open: number
  /** Rows with a count in the open windows, by the window's number modulo 2. */
  readonly active: readonly [number[], number[]]
  /** Rows that are missed when they do not count in a window, until it was said that one has fallen silent. */
  steady: number[]
  /** Windows that closed without having seen enough, oldest first. */
  readonly blind: BlindRun[]
}

/** Columns that windows of one length need in their table. */
export function windowColumns(lengthMs: number): Layout {
  return {
    [`window${lengthMs}_server`]: 'u32*2',
    [`window${lengthMs}_client`]: 'u32*2',
    [`window${lengthMs}_gate`]: 'u32*2',
    [`window${lengthMs}_learned`]: 'u32',
    [`window${lengthMs}_steady`]: 'u8',
  }
}

/** Gate of a window whose row was already reported. */
export const REPORTED = 0xffffffff

/** What is known of a row that counts in no window: values of its `steady` column. */
export const SILENCE = { unsteady: 0, missed: 1, recorded: 2, opened: 3 } as const

/** Windows without counts. */
export function createWindows(table: Table, lengthMs: number): Windows {
  const column = (name: string) => (table.at as Record<string, number>)[`window${lengthMs}_${name}`]
  return {
    table,
    lengthMs,
    at: {
      server: column('server'),
      client: column('client'),
      gate: column('gate'),
      learned: column('learned'),
      steady: column('steady'),
    },
    open: -1,
    active: [[], []],
    steady: [],
    blind: [],
  }
}

/** Count of `row` in the open window with this number. */
export function countIn(w: Windows, row: number, window: number): number {
  const at = row * w.table.words + (window & 1)
  return Math.max(w.table.u32[at + w.at.server], w.table.u32[at + w.at.client])
}

/** True when `row` was already reported in the open window with this number. */
export function isReported(w: Windows, row: number, window: number): boolean {
  return w.table.u32[row * w.table.words + w.at.gate + (window & 1)] === REPORTED
}

/** Sets the count from which a row is looked at in an open window. */
export function setGate(w: Windows, row: number, window: number, gate: number): void {
  w.table.u32[row * w.table.words + w.at.gate + (window & 1)] = Math.min(REPORTED, gate)
}

/** Says that a row has learned up to and with `window`. */
export function setLearned(w: Windows, row: number, window: number): void {
  w.table.u32[row * w.table.words + w.at.learned] = window
}

/** What was last said of a row's silence. */
export function silenceOf(w: Windows, row: number): number {
  return w.table.u8[row * w.table.stride + w.at.steady]
}

/** Marks a row as one whose silence is news, or no longer; the list follows when a window closes. */
export function setSteady(w: Windows, row: number, steady: boolean): void {
  const listed = isListed(silenceOf(w, row))
  if (steady && !listed) w.steady.push(row)
  w.table.u8[row * w.table.stride + w.at.steady] = steady ? SILENCE.missed : SILENCE.unsteady
}

/** Notes that a row's silence was told: it is news again when it has counted, or when it comes to open an incident. */
export function setSilenceTold(w: Windows, row: number, opened: boolean): void {
  w.table.u8[row * w.table.stride + w.at.steady] = opened ? SILENCE.opened : SILENCE.recorded
}

function isListed(silence: number): boolean {
  return silence === SILENCE.missed || silence === SILENCE.recorded
}

/** Zeros the count of a row in a closed window. */
export function clearRow(w: Windows, row: number, window: number): void {
  const at = row * w.table.words + (window & 1)
  w.table.u32[at + w.at.server] = 0
  w.table.u32[at + w.at.client] = 0
  w.table.u32[at + w.at.gate] = 0
  touch(w.table, row)
}

/** Empties the lists of a closed window, whose rows are clear. */
export function clearLists(w: Windows, window: number): void {
  w.active[(window & 1) as 0 | 1].length = 0
  w.steady = w.steady.filter((row) => isListed(silenceOf(w, row)))
}

/** Drops the rows that are no longer there from the lists. */
export function keepRows(w: Windows, isThere: (row: number) => boolean): void {
  for (const rows of w.active) {
    const kept = rows.filter(isThere)
    rows.length = 0
    for (const row of kept) rows.push(row)
  }
  w.steady = w.steady.filter(isThere)
}

/** Finds again, after the table was loaded, which of the rows from one up to another are in the lists. */
export function rebuildWindows(w: Windows, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    for (const parity of [0, 1] as const) {
      const at = row * w.table.words + parity
      if (w.table.u32[at + w.at.server] + w.table.u32[at + w.at.client] > 0) w.active[parity].push(row)
    }
    if (isListed(silenceOf(w, row))) w.steady.push(row)
  }
}
