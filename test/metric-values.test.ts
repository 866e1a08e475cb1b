import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { accept } from '../alerter/accept.ts'
import type { Committed } from '../alerter/commit.ts'
import type { Meter } from '../cli/meter.ts'
import { meteredConsumer } from '../cli/metered-consumer.ts'
import type { Incident } from '../domain/incident.ts'
import { sha256Hex } from '../io/hash.ts'
import { CATALOGUE } from '../io/metric-catalogue.ts'
import { openDatabase } from '../io/sqlite.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'
import { FOLD, finding } from './alerter/sample.ts'
import { metered, NOW, valuesOf } from './metered.ts'

const MINUTE_MS = 60_000
const CHECKOUT = 'spiffe://shop.example/ns/payments/sa/checkout'

/** An incident that somebody turned to after so many minutes. */
function turnedTo(state: 'acknowledged' | 'resolved', minutes: number, from: Incident['state'] = 'open') {
  const after = {
    state,
    openedAt: NOW,
    transitions: [
      { time: NOW, state: 'open', by: 'meshwatch' },
      { time: NOW + minutes * MINUTE_MS, state, by: 'ann' },
    ],
  }
  const updates = [{ before: { state: from }, after }]
  return { updates, deliveries: [], superseded: [] } as unknown as Committed
}

describe('the acknowledgement histogram', () => {
  const parts = async (meter: Meter) => ({
    buckets: await valuesOf(meter, 'incident_acknowledge_duration_seconds_bucket'),
    sum: await valuesOf(meter, 'incident_acknowledge_duration_seconds_sum'),
  })

  it('has the time from opening to acknowledgement, in seconds', async () => {
    const meter = await metered([])
    meter.onChange(turnedTo('acknowledged', 10))
    meter.onChange(turnedTo('acknowledged', 2))
    assert.deepEqual(await parts(meter), {
      buckets: {
        '{le="60"}': 0,
        '{le="300"}': 1,
        '{le="900"}': 2,
        '{le="3600"}': 2,
        '{le="14400"}': 2,
        '{le="86400"}': 2,
        '{le="+Inf"}': 2,
      },
      sum: { '': 720 },
    })
  })

  it('has nothing of what resolves itself, and of what was acknowledged before', async () => {
    const meter = await metered([])
    meter.onChange(turnedTo('resolved', 10))
    meter.onChange(turnedTo('acknowledged', 10, 'acknowledged'))
    assert.equal((await parts(meter)).buckets['{le="+Inf"}'], 0)
  })
})

describe('consumer lag', () => {
  const names = new Map([['meshwatch.stream', 'stream']])
  const lagOf = (partition: number, lag: number) => ({
    topic: 'meshwatch.stream',
    partition,
    name: `meshwatch.stream/${partition}`,
    next: 0,
    first: 0,
    end: lag,
    lag,
  })

  it('is the sum over the partitions that a process has now', async () => {
    const meter = await metered([])
    meter.metrics.know('topics', ['stream'])
    const { lag } = meteredConsumer(meter.metrics, names, () => {})
    const values = () => valuesOf(meter, 'consumer_lag_records')
    lag!([lagOf(0, 5), lagOf(3, 7)])
    assert.deepEqual(await values(), { '{topic="stream"}': 12 })
    lag!([lagOf(3, 2)])
    assert.deepEqual(await values(), { '{topic="stream"}': 2 })
    lag!([])
    assert.deepEqual(await values(), { '{topic="stream"}': 0 })
  })

  it('counts what was deleted unread, and nothing for a topic that was made again', async () => {
    const meter = await metered([])
    meter.metrics.know('topics', ['stream'])
    const told: string[] = []
    const { report } = meteredConsumer(meter.metrics, names, ({ kind }) => told.push(kind))
    const place = { topic: lagOf(0, 0).topic, partition: 0 }
    assert.deepEqual(await valuesOf(meter, 'lost_records_total'), { '{topic="stream"}': 0 })
    report!({ ...place, kind: 'gone', expected: 10, next: 25 })
    report!({ ...place, kind: 'remade', expected: 25, next: 0 })
    assert.deepEqual(await valuesOf(meter, 'lost_records_total'), { '{topic="stream"}': 15 })
    assert.deepEqual(told, ['gone', 'remade'])
  })
})

const GAUGES = CATALOGUE.filter(({ type }) => type === 'gauge').map(({ name, help }) => ({
  name,
  mayBeUnknown: help.includes('NaN when the store cannot be read'),
}))

/** Names of the gauges of which a series is no finite number. */
async function notFinite(meter: Meter): Promise<readonly string[]> {
  const found: string[] = []
  for (const { name } of GAUGES)
    if (Object.values(await valuesOf(meter, name)).some((value) => !Number.isFinite(value))) found.push(name)
  return found
}

/** A store in which checkout has an open incident. */
async function storeWithIncident() {
  const database = openDatabase(':memory:')
  const store = new SqliteIncidents(database)
  const desk = {
    store,
    endpoints: [],
    stages: [],
    fold: FOLD,
    sha256Hex,
    clock: () => NOW,
    onChange: () => {},
  }
  await accept(desk, [finding('f1', { caller: CHECKOUT })])
  return { database, store }
}

describe('gauges', () => {
  it('are numbers before anything was read', async () => {
    assert.deepEqual(await notFinite(await metered([])), [])
  })

  it('are numbers when events came and incidents are open', async () => {
    const { store } = await storeWithIncident()
    const meter = await metered(['access.log', 'mesh/0'], [], store)
    meter.onFindings([finding('f1', { caller: CHECKOUT })])
    assert.deepEqual(await notFinite(meter), [])
    assert.equal((await valuesOf(meter, 'identity_risk_score'))[`{identity="${CHECKOUT}"}`], 10)
    assert.equal((await valuesOf(meter, 'namespace_incidents'))['{namespace="payments"}'], 1)
    assert.deepEqual(Object.values(await valuesOf(meter, 'new_edge_surprise')), [12])
  })

  it('are unknown when the store cannot be read if they say so, and only these', async () => {
    const { database, store } = await storeWithIncident()
    const meter = await metered(['access.log'], [], store)
    await meter.metrics.text()
    database.close()
    const expected = GAUGES.filter(({ mayBeUnknown }) => mayBeUnknown).map(({ name }) => name)
    assert.deepEqual(await notFinite(meter), expected)
  })
})
