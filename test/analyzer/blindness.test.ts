import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type BlindRun, blindBetween, blindRunOf, noteBlind } from '../../analyzer/engine/blindness.ts'
import { learnSeason } from '../../analyzer/engine/seasons.ts'
import { SEASON } from '../../analyzer/engine/state.ts'
import { createTable, takeRow } from '../../analyzer/engine/table.ts'
import { isKnownSlot } from '../../analyzer/stats/season.ts'

describe('blind windows', () => {
  it('are counted strictly between two others, whatever the runs', () => {
    const sights = fc.array(fc.constantFrom('clear', 'dim', 'dark'), { maxLength: 60 })
    fc.assert(
      fc.property(sights, fc.nat(60), fc.nat(60), (each, after, before) => {
        const runs: BlindRun[] = []
        each.forEach((sight, window) => {
          if (sight !== 'clear') noteBlind(runs, { from: window, to: window, dark: sight === 'dark' })
        })
        const blind = each.filter((sight, window) => sight !== 'clear' && window > after && window < before)
        assert.equal(blindBetween(runs, after, before), blind.length)
        each.forEach((sight, window) => {
          const run = blindRunOf(runs, window)
          assert.equal(run === undefined ? 'clear' : run.dark ? 'dark' : 'dim', sight)
        })
      }),
    )
  })

  it('are one run as long as nothing comes between', () => {
    const runs: BlindRun[] = []
    noteBlind(runs, { from: 5, to: 5, dark: true })
    noteBlind(runs, { from: 6, to: 5000, dark: true })
    noteBlind(runs, { from: 5001, to: 5001, dark: false })
    assert.deepEqual(runs, [
      { from: 5, to: 5000, dark: true },
      { from: 5001, to: 5001, dark: false },
    ])
  })

  it('are remembered for a bounded number of outages, the newest', () => {
    const runs: BlindRun[] = []
    for (let window = 0; window < 10_000; window += 2)
      noteBlind(runs, { from: window, to: window, dark: true })
    assert.ok(runs.length < 1000)
    assert.equal(runs.at(-1)?.from, 9998)
  })
})

describe('a season', () => {
  /** Visits of the hours 1 to 9 of a weekday after hours 0 and 10 were learned with calls on five days. */
  function visits(blind: readonly BlindRun[]): number[] {
    const seasons = createTable('season', SEASON)
    const row = takeRow(seasons)
    const monday = Date.UTC(2026, 0, 5) / 3_600_000
    for (let day = 0; day < 5; day++) {
      const hour = monday + day * 24 + 10
      const runs = blind.map(({ from, to, dark }) => ({ from: hour - 10 + from, to: hour - 10 + to, dark }))
      learnSeason(seasons, row, { hour: hour - 10, since: hour - 11, count: 9, blind: runs })
      learnSeason(seasons, row, { hour, since: hour - 10, count: 9, blind: runs })
    }
    return Array.from({ length: 9 }, (_, i) => seasons.u8[row * seasons.stride + seasons.at.visits + 1 + i])
  }

  it('learns empty hours that were seen', () => {
    assert.deepEqual(visits([]), [5, 5, 5, 5, 5, 5, 5, 5, 5])
  })

  it('learns nothing of an hour in which nobody was seen', () => {
    assert.deepEqual(visits([{ from: 3, to: 4, dark: true }]), [5, 5, 0, 0, 5, 5, 5, 5, 5])
  })

  it('learns an hour in which most fall silent until it is known, so that a night can become one', () => {
    const [, , dim] = visits([{ from: 3, to: 3, dark: false }])
    assert.ok(isKnownSlot(dim) && !isKnownSlot(dim - 1))
  })
})
