import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generate } from '../demo/generate.ts'
import { configOf, play } from './analyzer/play.ts'
import { sourcesOf } from './analyzer/scenario.ts'

/** A shop that nobody attacks pages nobody, from the first minute on, over a weekend too. */

const DAY_MS = 86_400_000
/** A Thursday. */
const START = Date.UTC(2026, 10, 12)

describe('quiet traffic', () => {
  for (const [seed, partitions, days] of [
    [11, 1, 5],
    [12, 1, 5],
    [13, 1, 5],
    [11, 4, 2],
  ]) {
    it(`opens no incident in ${days} days of shop ${seed} over ${partitions} partitions`, async () => {
      const lines = [...generate({ seed, start: START, end: START + days * DAY_MS, rate: 0.2 })]
      const { findings, engines } = await play(
        sourcesOf(lines),
        configOf(`stream: { partitions: ${partitions} }`),
      )
      const total = (name: 'calls' | 'late' | 'early') =>
        engines.reduce((sum, { counters }) => sum + counters[name], 0)
      assert.ok(total('calls') > days * 20_000)
      assert.equal(total('late') + total('early'), 0)
      assert.deepEqual(
        findings.filter(({ opens }) => opens).map(({ text }) => text),
        [],
      )
      const recorded = findings.filter(({ withinBudget }) => withinBudget).length
      assert.ok(recorded <= 20 * days, `${recorded} findings in ${days} days`)
    })
  }
})
