import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takeLifetimesLeft } from '../../analyzer/engine/credential-use.ts'
import { memorySource } from '../memory-source.ts'
import { configOf, play } from './play.ts'

const NOW = Date.UTC(2026, 5, 20)
const HOUR_MS = 3_600_000
const CREDENTIAL = { kind: 'x509', issuer: 'Shop CA', id: 'ab12' }

const use = (time: number, more: object = {}) => ({
  kind: 'call',
  time,
  caller: 'checkout',
  callee: 'ledger',
  reporter: 'ledger-proxy',
  credential: CREDENTIAL,
  origin: { address: '10.0.0.1' },
  ...more,
})
const issued = (time: number, notAfter: number) => ({
  kind: 'lifecycle',
  action: 'issued',
  time,
  identity: 'checkout',
  credential: CREDENTIAL,
  notBefore: time,
  notAfter,
})

async function engineAfter(lines: readonly object[]) {
  const source = memorySource(
    'log',
    lines.map((line) => JSON.stringify(line)),
  )
  const { engines } = await play([source], configOf('stream: { partitions: 1 }'))
  return engines[0]
}

test('what is left of a lifetime is noted once a connection, and is negative when it is over', async () => {
  const engine = await engineAfter([
    issued(NOW, NOW + 2 * HOUR_MS),
    use(NOW + HOUR_MS, { connection: '1' }),
    use(NOW + 1.5 * HOUR_MS, { connection: '1' }),
    use(NOW + 3 * HOUR_MS, { connection: '2' }),
  ])
  assert.deepEqual(takeLifetimesLeft(engine), [HOUR_MS, -HOUR_MS])
  assert.deepEqual(takeLifetimesLeft(engine), [])
})

test('nothing is noted of a credential whose end is not known', async () => {
  assert.deepEqual(takeLifetimesLeft(await engineAfter([use(NOW)])), [])
})

test('another caller and another address count once a connection, and the first connection never', async () => {
  const { counters } = await engineAfter([
    use(NOW, { connection: '1' }),
    use(NOW + 1000, { connection: '2' }),
    use(NOW + 2000, { connection: '3', origin: { address: '10.0.0.9' } }),
    use(NOW + 3000, { connection: '3', origin: { address: '10.0.0.9' } }),
    use(NOW + 4000, { connection: '4', caller: 'somebody else' }),
    use(NOW + 5000, { connection: '5', origin: {} }),
  ])
  assert.equal(counters.otherAddress, 1)
  assert.equal(counters.otherCaller, 1)
})

test('a use after a week of rest is one of a dormant credential', async () => {
  const week = 7 * 24 * HOUR_MS
  const { counters } = await engineAfter([use(NOW), use(NOW + week - 1), use(NOW + 2 * week)])
  assert.equal(counters.dormant, 1)
})
