import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CANARY_EVERY_MS, createCanary, furthestBehind } from '../cli/canary.ts'

test('a canary is sent so often, also after the clock was set back, and stands still where it is stuck', () => {
  let now = 1_000_000
  const canary = createCanary(() => now)
  const first = canary.send()
  assert.equal(first, now)
  canary.pass('collector', first)
  assert.deepEqual(canary.stamps, { collector: first, analyzer: 0, alerter: 0 })
  now += CANARY_EVERY_MS - 1
  assert.equal(canary.send(), undefined)
  canary.pass('analyzer', undefined)
  assert.equal(canary.stamps.analyzer, 0)
  now += 1
  assert.equal(canary.send(), now)
  now = 500
  assert.equal(canary.send(), 500)
})

test('what counts is the partition that is furthest behind; without one nothing is known', () => {
  assert.equal(furthestBehind([5, 2, 9]), 2)
  assert.equal(furthestBehind([5, 0]), 0)
  assert.ok(Number.isNaN(furthestBehind([])))
})
