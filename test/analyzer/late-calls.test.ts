import assert from 'node:assert/strict'
import { it } from 'node:test'
import { processBatch } from '../../analyzer/engine/process.ts'
import { openEngines } from '../../cli/engines.ts'
import { addEvent, addWatermark, createPacker, seal } from '../../collector/pack.ts'
import { configOf } from './play.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const NOON = Date.UTC(2026, 0, 5, 12)

/** What an engine whose event time is noon counts of calls at these times. */
function countedAt(...times: readonly number[]) {
  const [engine] = openEngines(configOf('stream: { partitions: 1 }'))
  const packer = createPacker(1)
  addWatermark(packer, NOON)
  times.forEach((time, i) => {
    const call = { kind: 'call', time, caller: 'shop/a', callee: 'shop/b', callerVerified: true } as const
    const place = { source: 'log', generation: '1', offset: i * 100, line: i + 1, index: 0 }
    addEvent(packer, { ...call, side: 'server', denied: false, count: 1 }, place)
  })
  for (const batch of seal(packer, [])) processBatch(engine, batch)
  const { late, early } = engine.counters
  return { late, early }
}

it('a call that misses many windows is late once', () => {
  assert.deepEqual(countedAt(NOON - 1), { late: 1, early: 0 })
  assert.deepEqual(countedAt(NOON - 2 * HOUR_MS, NOON - MINUTE_MS), { late: 2, early: 0 })
})

it('a call that is ahead of many windows is early once', () => {
  assert.deepEqual(countedAt(NOON + 3 * HOUR_MS), { late: 0, early: 1 })
  assert.deepEqual(countedAt(NOON + 2 * MINUTE_MS), { late: 0, early: 1 })
})

it('a call in an open window is neither', () => {
  assert.deepEqual(countedAt(NOON, NOON + MINUTE_MS), { late: 0, early: 0 })
})
