import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  addPair,
  clearPairIndex,
  createPairIndex,
  findPair,
  mixPair,
  type PairIndex,
  removePair,
} from '../../analyzer/engine/pair-index.ts'
import { createTable, freeRow, takeRow } from '../../analyzer/engine/table.ts'
import { openEngines } from '../../cli/engines.ts'
import { configOf } from './play.ts'

const emptyIndex = () => {
  const table = createTable('test', { a: 'u32', b: 'u32' })
  return createPairIndex(table, table.at.a, table.at.b)
}

function add(index: PairIndex, a: number, b: number): number {
  const row = takeRow(index.table)
  index.table.u32[row * index.table.words + index.first] = a
  index.table.u32[row * index.table.words + index.second] = b
  addPair(index, row)
  return row
}

function remove(index: PairIndex, row: number): void {
  removePair(index, row)
  freeRow(index.table, row)
}

/** Pairs from a small world, so that they meet again. */
const pair = fc.tuple(fc.nat({ max: 20 }), fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 0xffffffff })))

describe('a pair index', () => {
  it('finds what a map finds, whatever pairs come and go', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 600 }), (pairs) => {
        const index = emptyIndex()
        const model = new Map<string, { row: number; a: number; b: number }>()
        for (const [a, b] of pairs) {
          const known = model.get(`${a} ${b}`)
          assert.equal(findPair(index, a, b), known?.row ?? -1)
          if (known === undefined) model.set(`${a} ${b}`, { row: add(index, a, b), a, b })
          else {
            remove(index, known.row)
            model.delete(`${a} ${b}`)
          }
        }
        for (const { row, a, b } of model.values()) assert.equal(findPair(index, a, b), row)
        assert.equal(index.used, model.size)
      }),
      { numRuns: 60 },
    )
  })

  it('grows, stays sparse enough for short runs, and shrinks to nothing', () => {
    const index = emptyIndex()
    const rows = Array.from({ length: 20_000 }, (_, i) => add(index, i % 97, i))
    assert.ok(index.slots.length >= 20_000 / 0.6 && index.slots.length <= 20_000 / 0.25)
    for (const [i, row] of rows.entries()) assert.equal(findPair(index, i % 97, i), row)
    for (const row of rows.filter((_, i) => i % 3 !== 0)) remove(index, row)
    for (const [i, row] of rows.entries())
      assert.equal(findPair(index, i % 97, i), i % 3 === 0 ? row : -1, `pair ${i}`)
    for (const row of rows.filter((_, i) => i % 3 === 0)) remove(index, row)
    assert.equal(index.used, 0)
    assert.ok(index.slots.every((slot) => slot === 0))
  })

  it('takes out a row that is not there without harm', () => {
    const index = emptyIndex()
    const row = add(index, 1, 2)
    remove(index, row)
    removePair(index, row)
    assert.equal(index.used, 0)
  })

  it('is found again from the rows', () => {
    const index = emptyIndex()
    const rows = Array.from({ length: 1000 }, (_, i) => add(index, i, i + 1))
    clearPairIndex(index, 500)
    const { slots } = index
    for (const row of rows.slice(500)) addPair(index, row)
    assert.equal(index.used, 500)
    assert.equal(index.slots, slots, 'there was room for them')
    for (const [i, row] of rows.entries()) assert.equal(findPair(index, i, i + 1), i < 500 ? -1 : row)
  })

  it('spreads pairs that differ in one place over all 32 bits', () => {
    const seen = new Set<number>()
    for (let i = 0; i < 10_000; i++) seen.add(mixPair(i, 7)).add(mixPair(7, i))
    assert.ok(seen.size > 19_990)
    const high = [...seen].filter((hash) => hash >= 2 ** 31).length
    assert.ok(Math.abs(high / seen.size - 0.5) < 0.03)
  })

  it('is never asked to hold more rows than it can tell apart', () => {
    const config = configOf()
    for (const bound of ['maxEdges', 'maxConnections'])
      assert.throws(
        () => openEngines({ ...config, analyzer: { ...config.analyzer, [bound]: 2 ** 24 - 1 } }),
        new RangeError(`${bound} is 16777215: set it to at most 16777214`),
      )
  })
})
