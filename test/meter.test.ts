import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StepReport } from '../cli/station.ts'
import type { Delivery } from '../domain/incident.ts'
import { memorySource } from './memory-source.ts'
import { metered, NOW, valuesOf } from './metered.ts'

const IDLE: StepReport = {
  findings: [],
  updates: [],
  rejects: [],
  tally: { denied: new Map(), uses: new Map(), lifecycle: new Map(), steps: [] },
  stages: [],
  isIdle: true,
}

const OLDER: Delivery = {
  id: 'an-older-one',
  endpoint: 'pager',
  incident: 'one',
  version: 1,
  severity: 'high',
  type: 'incident.opened',
  attempts: 0,
  dueAt: NOW,
  createdAt: NOW,
  state: 'owed',
}

describe('the meter', () => {
  it('counts into every kind of source that there is a series for', async () => {
    const meter = await metered(['access.log', 'stdin', 'http:agent', 'mesh/0'])
    meter.onStep(IDLE)
    const values = await valuesOf(meter, 'events_received_total')
    const kinds = (series: readonly string[]) =>
      [...new Set(series.map((labels) => /source_kind="(\w+)"/.exec(labels)?.[1]))].sort()
    const counted = Object.keys(values).filter((labels) => values[labels] === 2)
    assert.deepEqual(kinds(counted), ['file', 'http', 'kafka', 'stdin'])
    assert.deepEqual(kinds(Object.keys(values)), kinds(counted))
  })

  it('counts every end of a delivery that there is a series for', async () => {
    const meter = await metered([])
    for (const state of ['owed', 'delivered', 'failed'] as const)
      meter.onAttempt({ endpoint: 'pager', outcome: 'delivered', state, attempts: 1, pauseMs: 0 })
    meter.onChange({ updates: [], deliveries: [], superseded: [OLDER] })
    assert.deepEqual(await valuesOf(meter, 'deliveries_total'), {
      '{endpoint="pager",result="delivered"}': 1,
      '{endpoint="pager",result="failed"}': 1,
      '{endpoint="pager",result="superseded"}': 1,
    })
  })

  it('says how many attempts a notification took, and for how long its endpoint was left alone', async () => {
    const meter = await metered([])
    const attempt = {
      endpoint: 'pager',
      outcome: 'rate-limited',
      state: 'owed',
      attempts: 1,
      pauseMs: 30_000,
    } as const
    meter.onAttempt(attempt)
    meter.onAttempt({ ...attempt, attempts: 2, pauseMs: 0 })
    meter.onAttempt({ ...attempt, outcome: 'delivered', state: 'delivered', attempts: 3, pauseMs: 0 })
    const text = await meter.metrics.text()
    for (const line of [
      'attempts_per_delivery_bucket{le="2"} 0',
      'attempts_per_delivery_bucket{le="3"} 1',
      'attempts_per_delivery_count 1',
      'delivery_pause_seconds_bucket{le="15"} 0',
      'delivery_pause_seconds_bucket{le="60"} 1',
      'delivery_pause_seconds_count 1',
    ])
      assert.ok(text.includes(`\nmeshwatch_${line}\n`), line)
  })

  it('says of collector and analyzer when they last had events, and not that time went on', async () => {
    const meter = await metered(['access.log'])
    const at = async () => {
      const values = await valuesOf(meter, 'stage_last_event_timestamp_seconds')
      return [values['{stage="collector"}'], values['{stage="analyzer"}']]
    }
    meter.onStep(IDLE)
    assert.deepEqual(await at(), [0, 0])
    const stages = ['collector', 'analyzer'] as const
    meter.onStep({ ...IDLE, isIdle: false, stages: stages.map((stage) => ({ stage, seconds: 0.1 })) })
    assert.ok((await at()).every((seconds) => seconds > 1_700_000_000))
  })

  it('takes a list that was found unchanged for a sign of life of its source', async () => {
    const source = Object.assign(memorySource('access.log', []), { unchanged: 0 })
    const meter = await metered([], [source])
    const lastAt = async () =>
      (await valuesOf(meter, 'source_last_record_timestamp_seconds'))['{source="access.log"}']
    meter.onStep(IDLE)
    assert.equal(await lastAt(), 0)
    source.unchanged++
    meter.onStep(IDLE)
    assert.ok((await lastAt()) > 1_700_000_000)
  })

  it('counts once each event that was set back to the wall clock', async () => {
    const meter = await metered(['one.log', 'other.log'])
    for (let step = 0; step < 3; step++) meter.onStep(IDLE)
    assert.deepEqual(await valuesOf(meter, 'clock_skew_events_total'), { '': 2 })
  })
})
