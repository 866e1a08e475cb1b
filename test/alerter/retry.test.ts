import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterFailure, isCircuitOpen, OPEN_GATE, room } from '../../alerter/gate.ts'
import { type Attempt, judge } from '../../alerter/judge.ts'
import { nextWaitMs, SCHEDULE_MS } from '../../alerter/retry.ts'
import { retryAfterMs } from '../../alerter/retry-after.ts'
import type { Delivery } from '../../domain/incident.ts'

const NOW = Date.UTC(2026, 2, 2, 10)
const owed: Delivery = {
  id: 'd1',
  endpoint: 'pager',
  incident: 'i1',
  version: 1,
  severity: 'high',
  type: 'incident.opened',
  attempts: 0,
  dueAt: NOW,
  createdAt: NOW,
  state: 'owed',
}
const judged = (attempt: Attempt, attempts = 0, dice = 0.5) =>
  judge({ ...owed, attempts }, attempt, { now: NOW, dice })

test('the schedule is dense at first, covers the first hour and ends after three days', () => {
  const seconds = SCHEDULE_MS.map((wait) => wait / 1000)
  assert.deepEqual(seconds.slice(0, 9), [0, 1, 2, 5, 10, 30, 60, 120, 120])
  assert.deepEqual(seconds.slice(-8), [600, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400])
  const hours = SCHEDULE_MS.reduce((sum, wait) => sum + wait, 0) / 3_600_000
  assert.ok(hours > 72 && hours < 80, `${hours}`)
})

test('waits are spread by a fifth to both sides', () => {
  assert.deepEqual([nextWaitMs(4, 0), nextWaitMs(4, 0.5), nextWaitMs(4, 1)], [8000, 10_000, 12_000])
  assert.equal(nextWaitMs(SCHEDULE_MS.length, 0.5), undefined)
})

for (const { header, ms } of [
  { header: '7', ms: 7000 },
  { header: ' 7 ', ms: 7000 },
  { header: '999999', ms: 3_600_000 },
  { header: 'Mon, 02 Mar 2026 10:00:07 GMT', ms: 7000 },
  { header: 'Mon, 02 Mar 2026 09:00:00 GMT', ms: 0 },
  { header: 'Mon, 02 Mar 2027 10:00:00 GMT', ms: 3_600_000 },
  { header: '-1', ms: undefined },
  { header: 'soon', ms: undefined },
  { header: 'Mon, 99 Mar 2026 10:00:07 GMT', ms: undefined },
  { header: 'Mon, 02 Mar 2026 24:00:07 GMT', ms: undefined },
  { header: '2026-03-02T10:00:07Z', ms: undefined },
  { header: undefined, ms: undefined },
]) {
  test(`Retry-After ${header} asks for ${ms} ms`, () => assert.equal(retryAfterMs(header, NOW), ms))
}

test('Retry-After is the least wait, and a longer wait of the schedule stays', () => {
  const busy = { outcome: 'status-5xx', status: 503, retryAfter: '7' } as const
  assert.equal(judged(busy).delivery.dueAt, NOW + 7000)
  assert.equal(judged(busy).pauseMs, 7000)
  assert.equal(judged(busy, 5).delivery.dueAt, NOW + 60_000)
})

test('a receiver that says it is overloaded is left alone for a while', () => {
  assert.equal(judged({ outcome: 'rate-limited', status: 429 }).delivery.dueAt, NOW + 5000)
  assert.equal(judged({ outcome: 'status-5xx', status: 504 }).pauseMs, 5000)
  assert.equal(judged({ outcome: 'status-5xx', status: 500 }).delivery.dueAt, NOW + 1000)
})

test('what the receiver refuses is parked after a few attempts, what fails is tried to the end', () => {
  const refused = { outcome: 'status-4xx', status: 404 } as const
  assert.equal(judged(refused, 2).delivery.state, 'owed')
  assert.deepEqual(
    [judged(refused, 3).delivery.state, judged(refused, 3).delivery.lastError],
    ['failed', 'status-4xx'],
  )
  assert.equal(judged({ outcome: 'redirect', status: 307 }, 3).delivery.state, 'failed')
  assert.equal(judged({ outcome: 'status-4xx', status: 425 }, 3).delivery.state, 'owed')
  assert.equal(judged({ outcome: 'timeout' }, 42).delivery.state, 'owed')
  assert.equal(judged({ outcome: 'timeout' }, 43).delivery.state, 'failed')
})

test('410 ends the delivery and says that the endpoint is gone', () => {
  const verdict = judged({ outcome: 'gone', status: 410 })
  assert.deepEqual([verdict.delivery.state, verdict.isGone], ['failed', true])
})

test('five failures open the circuit: one probe each 15 seconds until a success', () => {
  let gate = OPEN_GATE
  for (let n = 0; n < 4; n++) gate = afterFailure(gate, NOW, 0)
  assert.equal(room(gate, { now: NOW, inFlight: 1, limit: 4 }), 3)
  gate = afterFailure(gate, NOW, 0)
  assert.ok(isCircuitOpen(gate))
  assert.equal(room(gate, { now: NOW + 14_999, inFlight: 0, limit: 4 }), 0)
  assert.equal(room(gate, { now: NOW + 15_000, inFlight: 0, limit: 4 }), 1)
  assert.equal(room(gate, { now: NOW + 15_000, inFlight: 1, limit: 4 }), 0)
})
