import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generate } from '../demo/generate.ts'
import { play } from './analyzer/play.ts'
import { sourcesOf } from './analyzer/scenario.ts'

/** A shop that nobody attacks pages nobody, from the first minute on, over a weekend too. */

const DAY_MS = 86_400_000
const DAYS = 5
/** A Thursday. */
const START = Date.UTC(2026, 10, 12)

describe('quiet traffic', () => {
  for (const seed of [11, 12, 13]) {
    it(`opens no incident in ${DAYS} days of shop ${seed}`, async () => {
      const lines = [...generate({ seed, start: START, end: START + DAYS * DAY_MS, rate: 0.2 })]
      const { findings, engines } = await play(sourcesOf(lines))
      assert.ok(engines[0].counters.calls > 100_000)
      assert.equal(engines[0].counters.late + engines[0].counters.early, 0)
      assert.deepEqual(
        findings.filter(({ opens }) => opens).map(({ text }) => text),
        [],
      )
      const recorded = findings.filter(({ withinBudget }) => withinBudget).length
      assert.ok(recorded <= 20 * DAYS, `${recorded} findings in ${DAYS} days`)
    })
  }
})
