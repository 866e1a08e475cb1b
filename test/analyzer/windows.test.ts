import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createTable, type Layout, type Table, takeRow } from '../../analyzer/engine/table.ts'
import {
  clearLists,
  clearRow,
  countIn,
  createWindows,
  isReported,
  REPORTED,
  rebuildWindows,
  setGate,
  setLearned,
  setSteady,
  type Windows,
  windowColumns,
} from '../../analyzer/engine/windows.ts'

const MINUTE_MS = 60_000

function windowsOver(rows: number): Windows {
  const table = createTable<Layout>('test', windowColumns(MINUTE_MS))
  for (let i = 0; i < rows; i++) takeRow(table as Table)
  return createWindows(table as Table, MINUTE_MS)
}

function count(w: Windows, row: number, window: number, by: { server?: number; client?: number }): void {
  const at = row * w.table.words + (window & 1)
  if (countIn(w, row, window) === 0) w.active[(window & 1) as 0 | 1].push(row)
  w.table.u32[at + w.at.server] += by.server ?? 0
  w.table.u32[at + w.at.client] += by.client ?? 0
}

describe('windows', () => {
  it('count what the busier of both reporters saw', () => {
    const w = windowsOver(2)
    count(w, 1, 40, { server: 7 })
    count(w, 1, 40, { client: 9 })
    count(w, 1, 41, { client: 1 })
    assert.deepEqual([countIn(w, 1, 40), countIn(w, 1, 41), countIn(w, 0, 40)], [9, 1, 0])
  })

  it('are emptied one by one, with what was reported in them', () => {
    const w = windowsOver(3)
    count(w, 2, 40, { server: 5 })
    count(w, 2, 41, { server: 6 })
    setGate(w, 2, 40, 1e12)
    setGate(w, 2, 41, 100)
    assert.ok(isReported(w, 2, 40) && !isReported(w, 2, 41))
    for (const row of w.active[0]) clearRow(w, row, 40)
    clearLists(w, 40)
    assert.deepEqual([countIn(w, 2, 40), countIn(w, 2, 41)], [0, 6])
    assert.ok(!isReported(w, 2, 40))
    assert.deepEqual(w.active, [[], [2]])
    setGate(w, 2, 42, REPORTED)
    assert.ok(isReported(w, 2, 42) && !isReported(w, 2, 41))
  })

  it('miss a row once however often it is called steady, and no longer when it is not', () => {
    const w = windowsOver(3)
    for (const row of [2, 0, 2]) setSteady(w, row, true)
    assert.deepEqual(w.steady, [2, 0])
    setSteady(w, 2, false)
    for (const row of w.active[0]) clearRow(w, row, 40)
    clearLists(w, 40)
    assert.deepEqual(w.steady, [0])
  })

  it('are found again in the rows', () => {
    const w = windowsOver(4)
    count(w, 1, 40, { server: 5 })
    count(w, 3, 41, { client: 5 })
    setSteady(w, 3, true)
    setLearned(w, 3, 39)
    const again = createWindows(w.table, MINUTE_MS)
    rebuildWindows(again, 0, again.table.rows)
    assert.deepEqual([again.active, again.steady], [w.active, w.steady])
    assert.equal(countIn(again, 3, 41), 5)
  })
})
