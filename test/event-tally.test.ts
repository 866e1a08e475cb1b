import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tallyEvents } from '../cli/event-tally.ts'
import { addEvent, createPacker, seal } from '../collector/pack.ts'
import type { CallEvent, Event } from '../domain/event.ts'

const PLACE = { source: 'log', generation: '1', offset: 0, line: 1, index: 0 }

const call = (event: Partial<CallEvent>): CallEvent => ({
  kind: 'call',
  time: 1,
  caller: 'a',
  callee: 'b',
  callerVerified: true,
  side: 'server',
  denied: false,
  count: 1,
  ...event,
})

/** Batches of the events, over so many partitions that a call and its credential are mostly in different ones. */
function packed(events: readonly Event[]) {
  const packer = createPacker(16)
  for (const event of events) addEvent(packer, event, PLACE)
  return seal(packer, [])
}

test('counts each call, use and lifecycle event once, wherever its rows are', () => {
  const callers = Array.from({ length: 40 }, (_, i) => `caller-${i}`)
  const batches = packed([
    ...callers.map((caller, i) => call({ caller, credential: { kind: i % 2 ? 'x509' : 'jwt', id: `${i}` } })),
    call({ denied: true, count: 3 }),
    call({ denied: true, status: 401, credential: { kind: 'token', id: 'z' }, count: 2 }),
    call({ denied: true, count: 0 }),
    { kind: 'lifecycle', time: 1, action: 'revoked', credential: { kind: 'x509', id: '1' }, reason: 'one' },
    { kind: 'lifecycle', time: 1, action: 'revoked', credential: { kind: 'x509', id: '2' }, reason: 'two' },
    { kind: 'lifecycle', time: 1, action: 'issued', identity: 'a' },
  ])
  const { denied, uses, lifecycle } = tallyEvents(batches)
  assert.deepEqual(Object.fromEntries(denied), { other: 3, unauthenticated: 2 })
  assert.deepEqual(Object.fromEntries(uses), { x509: 20, jwt: 20, token: 2 })
  assert.deepEqual(Object.fromEntries(lifecycle), { revoked: 2, issued: 1 })
})

test('a round without rows counts nothing', () => {
  assert.deepEqual(tallyEvents(packed([])), {
    denied: new Map(),
    uses: new Map(),
    lifecycle: new Map(),
    steps: [],
  })
})
