import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  createTable,
  freeRow,
  loadPage,
  startLoading,
  type Table,
  tableBytes,
  takeDirtyPages,
  takeRow,
  touch,
} from '../../analyzer/engine/table.ts'

const LAYOUT = { flag: 'u8', half: 'u16', word: 'u32', real: 'f32', time: 'f64', ring: 'u32*3' } as const

function write(table: Table<typeof LAYOUT>, row: number, value: number): void {
  table.u8[row * table.stride + table.at.flag] = value
  table.u16[row * table.halves + table.at.half] = value
  table.u32[row * table.words + table.at.word] = value
  table.f32[row * table.words + table.at.real] = value
  table.f64[row * table.doubles + table.at.time] = value
  for (let i = 0; i < 3; i++) table.u32[row * table.words + table.at.ring + i] = value + i
  touch(table, row)
}

function read(table: Table<typeof LAYOUT>, row: number): number[] {
  return [
    table.u8[row * table.stride + table.at.flag],
    table.u16[row * table.halves + table.at.half],
    table.u32[row * table.words + table.at.word],
    table.f32[row * table.words + table.at.real],
    table.f64[row * table.doubles + table.at.time],
    ...[0, 1, 2].map((i) => table.u32[row * table.words + table.at.ring + i]),
  ]
}

const valuesOf = (value: number) => [value, value, value, value, value, value, value + 1, value + 2]
const ZEROS = new Array(8).fill(0)

describe('a table', () => {
  it('keeps columns apart, each aligned to its width, with at most 7 bytes unused', () => {
    const table = createTable('test', LAYOUT)
    assert.equal(table.stride, 32)
    const ends = [table.at.flag, table.at.half * 2 + 1, table.at.word * 4 + 3, table.at.ring * 4 + 11]
    assert.ok(ends.every((end) => end < table.stride))
    const row = takeRow(table)
    write(table, row, 200)
    assert.deepEqual(read(table, row), valuesOf(200))
  })

  it('holds what was written to each row, whatever rows come and go', () => {
    const steps = fc.array(fc.record({ take: fc.boolean(), pick: fc.nat(), value: fc.nat({ max: 255 }) }), {
      maxLength: 400,
    })
    fc.assert(
      fc.property(steps, (each) => {
        const table = createTable('test', LAYOUT)
        const model = new Map<number, number>()
        for (const { take, pick, value } of each) {
          const rows = [...model.keys()]
          if (take || rows.length === 0) {
            const row = takeRow(table)
            assert.ok(!model.has(row), 'a row is given out once')
            assert.deepEqual(read(table, row), ZEROS)
            write(table, row, value)
            model.set(row, value)
          } else {
            const row = rows[pick % rows.length]
            freeRow(table, row)
            model.delete(row)
            assert.deepEqual(read(table, row), ZEROS)
          }
        }
        for (const [row, value] of model) assert.deepEqual(read(table, row), valuesOf(value))
        assert.equal(tableBytes(table), model.size * table.stride)
      }),
      { numRuns: 60 },
    )
  })

  it('gives each page that changed once, and is the same when they are loaded', () => {
    const table = createTable('test', LAYOUT)
    for (let i = 0; i < 4 * table.pageRows + 1; i++) write(table, takeRow(table), i % 251)
    const stored = new Map(takeDirtyPages(table))
    assert.deepEqual([...stored.keys()], [0, 1, 2, 3, 4])
    assert.deepEqual([...takeDirtyPages(table)], [])
    write(table, 4 * table.pageRows - 1, 7)
    freeRow(table, 0)
    for (const [page, bytes] of takeDirtyPages(table)) {
      assert.ok(page === 0 || page === 3)
      stored.set(page, bytes)
    }
    const loaded = createTable('test', LAYOUT)
    startLoading(loaded, table.rows)
    const { buffer } = loaded.u8
    for (const [page, bytes] of stored) loadPage(loaded, page, bytes)
    assert.equal(loaded.u8.buffer, buffer, 'room for all rows was made at once')
    for (let row = 0; row < table.rows; row++) assert.deepEqual(read(loaded, row), read(table, row))
    assert.equal(loaded.signature, table.signature)
    assert.notEqual(createTable('test', { ...LAYOUT, ring: 'u32*4' }).signature, table.signature)
  })
})
