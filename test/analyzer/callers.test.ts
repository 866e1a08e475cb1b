import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countCallers } from '../../analyzer/engine/callers.ts'
import type { Engine } from '../../analyzer/engine/engine.ts'
import { memorySource } from '../memory-source.ts'
import { configOf, play } from './play.ts'

const NOW = Date.UTC(2026, 5, 20)
const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000]
const PAYMENTS = 'spiffe://shop.example/ns/payments/sa/checkout'
const CART = 'spiffe://shop.example/ns/shop/sa/cart'
const FRONT = 'spiffe://shop.example/ns/shop/sa/front'

interface Calls {
  readonly caller: string
  readonly from: number
  readonly to: number
}

/** A call to the ledger every ten minutes. */
const linesOf = ({ caller, from, to }: Calls) =>
  Array.from({ length: Math.ceil((to - from) / (10 * MINUTE_MS)) }, (_, i) => ({
    kind: 'call',
    time: from + i * 10 * MINUTE_MS,
    caller,
    callee: 'ledger',
  }))

async function playCalls(calls: readonly Calls[], partitions = 1): Promise<readonly Engine[]> {
  const lines = calls.flatMap(linesOf).sort((a, b) => a.time - b.time)
  const source = memorySource(
    'log',
    lines.map((line) => JSON.stringify(line)),
  )
  const { engines } = await play([source], configOf(`stream: { partitions: ${partitions} }`))
  return engines
}

const counted = ([engine]: readonly Engine[]) =>
  Object.fromEntries(countCallers(engine, { names: [], namespaces: [] }))
const NONE = { known: 0, learning: 0, silenced: 0, unseen: 0 }

test('callers are known after a day, and unseen when they are silent for far longer than is usual', async () => {
  const engines = await playCalls([
    { caller: PAYMENTS, from: NOW - 48 * HOUR_MS, to: NOW },
    { caller: CART, from: NOW - 48 * HOUR_MS, to: NOW - 20 * HOUR_MS },
    { caller: FRONT, from: NOW - 2 * HOUR_MS, to: NOW },
    { caller: 'no namespace', from: NOW - 2 * HOUR_MS, to: NOW },
  ])
  assert.deepEqual(counted(engines), {
    payments: { ...NONE, known: 1 },
    shop: { ...NONE, unseen: 1, learning: 1 },
    other: { ...NONE, learning: 1 },
  })
})

test('a caller of which something is expected is silenced until that ends', async () => {
  const engines = await playCalls([{ caller: PAYMENTS, from: NOW - 48 * HOUR_MS, to: NOW }])
  engines[0].expected.set(`${PAYMENTS}\u0000ledger`, NOW + HOUR_MS)
  assert.deepEqual(counted(engines), { payments: { ...NONE, silenced: 1 } })
  engines[0].expected.set(`${PAYMENTS}\u0000ledger`, NOW - HOUR_MS)
  assert.deepEqual(counted(engines), { payments: { ...NONE, known: 1 } })
})

test('each caller is in one partition only', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `spiffe://shop.example/ns/payments/sa/worker-${i}`)
  const calls = names.map((caller) => ({ caller, from: NOW - 2 * HOUR_MS, to: NOW }))
  const engines = await playCalls(calls, 4)
  const parts = engines.map((engine) => counted([engine])['payments']?.learning ?? 0)
  assert.ok(parts.filter((part) => part > 0).length > 1)
  assert.equal(
    parts.reduce((sum, part) => sum + part, 0),
    names.length,
  )
})
