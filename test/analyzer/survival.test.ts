import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { calibrate, readSketch, retune, sample, writeSketch } from '../../analyzer/engine/calibration.ts'
import { log10UpperTail } from '../../analyzer/stats/normal.ts'
import {
  age,
  alarmRate,
  BUCKETS,
  bucketOf,
  bucketStart,
  createSketch,
  ENOUGH_SAMPLES,
  log10PerDay,
  rawAt,
  type Sketch,
} from '../../analyzer/stats/survival.ts'
import { diceOf } from './scenario.ts'

const raws = fc.double({ min: 0, max: 20_000, noNaN: true })

/** Scores from the standard normal, of `days` days. */
function normalSketch(samples: number, days: number): Sketch {
  const dice = diceOf(7)
  const sketch = createSketch()
  for (let i = 0; i < samples; i++)
    sketch.counts[bucketOf(Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice()))]++
  sketch.days = days
  return sketch
}

describe('buckets of scores', () => {
  it('hold what lies between their edges, at most 2 % of 1 + score wide', () => {
    fc.assert(
      fc.property(raws, (raw) => {
        const bucket = bucketOf(raw)
        if (raw === 0 || bucket === BUCKETS - 1) return
        assert.ok(bucketStart(bucket) <= raw * (1 + 1e-12) + 1e-12)
        assert.ok(raw <= bucketStart(bucket + 1) * (1 + 1e-12))
        assert.ok(bucketStart(bucket + 1) - bucketStart(bucket) <= 0.0203 * (1 + raw))
      }),
    )
    assert.equal(bucketOf(-5), 0)
    assert.equal(bucketOf(1e300), BUCKETS - 1)
  })
})

describe('alarm rate', () => {
  const sketch = normalSketch(200_000, 4)
  const rate = alarmRate([sketch], () => 0)

  it('is the tail that was seen times the tests a day', () => {
    assert.equal(rate.testsPerDay, 50_000)
    for (const z of [0.5, 1, 2, 3]) {
      const expected = log10UpperTail(z) + Math.log10(50_000)
      assert.ok(
        Math.abs(log10PerDay(rate, z) - expected) < 0.05,
        `${z}: ${log10PerDay(rate, z)}, ${expected}`,
      )
    }
  })

  it('goes on beyond what was seen, heavier than the normal tail and still falling', () => {
    const beyond = log10PerDay(rate, 7)
    assert.ok(beyond > log10UpperTail(7) + Math.log10(50_000))
    assert.ok(beyond < log10PerDay(rate, 4) - 1)
  })

  it('never rises with the score', () => {
    for (const each of [
      rate,
      alarmRate([], log10UpperTail),
      alarmRate([normalSketch(500, 1)], log10UpperTail),
    ])
      for (let bucket = 1; bucket < BUCKETS; bucket++)
        assert.ok(each.log10PerDay[bucket] <= each.log10PerDay[bucket - 1] + 1e-6, `bucket ${bucket}`)
  })

  it('has the shape of the statistic until enough scores were seen', () => {
    const young = normalSketch(ENOUGH_SAMPLES - 1, 1)
    assert.ok(
      Math.abs(
        log10PerDay(
          alarmRate([young], () => -3),
          5,
        ) -
          Math.log10(ENOUGH_SAMPLES) +
          3,
      ) < 1e-3,
    )
    assert.ok(
      log10PerDay(
        alarmRate([normalSketch(ENOUGH_SAMPLES, 1)], () => -3),
        0.1,
      ) > 3,
    )
  })

  it('gives the score that a number of alarms a day belongs to', () => {
    for (const each of [rate, alarmRate([], log10UpperTail)])
      for (const perDay of [100, 6, 0.5, 0.01]) {
        const raw = rawAt(each, perDay)
        assert.ok(log10PerDay(each, raw) <= Math.log10(perDay) + 1e-9)
        const below = bucketStart(bucketOf(raw * 1.000001) - 1)
        assert.ok(log10PerDay(each, below) > Math.log10(perDay))
      }
  })

  it('is that of all partitions together', () => {
    const [all, half] = [normalSketch(40_000, 4), normalSketch(20_000, 4)]
    for (let i = 0; i < BUCKETS; i++) all.counts[i] = 2 * half.counts[i]
    const together = alarmRate([half, half], () => 0)
    assert.deepEqual(together.log10PerDay, alarmRate([all], () => 0).log10PerDay)
    assert.equal(together.testsPerDay, 10_000)
  })
})

describe('a sketch', () => {
  it('forgets half of its scores and of its time in seven days', () => {
    const sketch = createSketch()
    sketch.counts[3] = 100
    for (let hour = 0; hour < 7 * 24; hour++) age(sketch, 1 / 24)
    assert.ok(Math.abs(sketch.counts[3] - 50) < 1e-9)
    const weighed = 7 / Math.LN2 / 2
    assert.ok(Math.abs(sketch.days - weighed) < 1e-9)
  })

  it('keeps its rate of tests a day while time passes', () => {
    const sketch = createSketch()
    for (let hour = 0; hour < 24 * 60; hour++) {
      sketch.counts[5] += 100
      age(sketch, 1 / 24)
    }
    assert.ok(Math.abs(alarmRate([sketch], () => 0).testsPerDay - 2400) < 10)
  })

  it('is the same after it was told as text, however far its scores have faded', () => {
    const sketch = createSketch()
    sketch.counts[3] = 1
    for (let week = 0; week < 30; week++) {
      age(sketch, 7)
      assert.deepEqual(readSketch(writeSketch(sketch)), sketch)
    }
    assert.equal(sketch.counts[3], 0)
  })

  it('is the same after it was told as text, whatever is in it', () => {
    const counts = fc.array(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), { maxLength: BUCKETS })
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 100, noNaN: true }), (weights, days) => {
        const sketch = createSketch()
        weights.forEach((weight, i) => {
          sketch.counts[(i * 37) % BUCKETS] = weight
        })
        sketch.days = days
        assert.deepEqual(readSketch(writeSketch(sketch)), sketch)
      }),
    )
  })
})

describe('thresholds', () => {
  const channel = { name: 'test', tail: log10UpperTail, recordFrom: 1, openFrom: 4 }

  it('come from what was told, and never below the floors of the detector', () => {
    const calibrated = calibrate(channel, 6, 0.1)
    const before = calibrated.recordRaw
    for (let i = 0; i < 1000; i++) sample(calibrated, 50)
    assert.equal(retune(calibrated).recordRaw, before, 'own scores count when they are told')
    calibrated.told.set(0, normalSketch(200_000, 4))
    retune(calibrated)
    assert.ok(Math.abs(calibrated.recordRaw - 3.67) < 0.1, `${calibrated.recordRaw}`)
    assert.ok(calibrated.openRaw > calibrated.recordRaw)
    const floored = calibrate({ ...channel, recordFrom: 30, openFrom: 40 }, 6, 0.1)
    assert.deepEqual([floored.recordRaw, floored.openRaw], [30, 40])
  })
})
