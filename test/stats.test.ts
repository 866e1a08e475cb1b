import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { mean, variance } from 'simple-statistics'
import { addSample, addZeros, type Moments } from '../analyzer/stats/moments.ts'
import { countBelow, MIN_SIZE, signedDeviance, sizeOf } from '../analyzer/stats/negative-binomial.ts'
import { log10UpperTail } from '../analyzer/stats/normal.ts'
import { SLOTS, seasonFactor, slotMean, slotOf } from '../analyzer/stats/season.ts'

/** True up to a relative difference. */
function assertNear(actual: number, expected: number, tolerance: number): void {
  const difference = Math.abs(actual - expected)
  assert.ok(difference <= tolerance * Math.max(1, Math.abs(expected)), `${actual} is not near ${expected}`)
}

const counts = fc.array(fc.nat({ max: 10_000 }), { minLength: 1, maxLength: 200 })

function momentsOf(samples: readonly number[], cap: number): Moments {
  const moments: Moments = { mean: 0, variance: 0, n: 0 }
  for (const x of samples) addSample(moments, x, cap)
  return moments
}

describe('moments', () => {
  it('are the mean and variance of all samples below the cap', () => {
    fc.assert(
      fc.property(counts, (samples) => {
        const moments = momentsOf(samples, samples.length)
        assertNear(moments.mean, mean(samples), 1e-9)
        assertNear(moments.variance, variance(samples), 1e-9)
        assert.equal(moments.n, samples.length)
      }),
    )
  })

  it('take many zeros at once as one by one below the cap', () => {
    fc.assert(
      fc.property(counts, fc.nat({ max: 100 }), (samples, zeros) => {
        const cap = samples.length + zeros
        const atOnce = momentsOf(samples, cap)
        addZeros(atOnce, zeros, cap)
        const oneByOne = momentsOf([...samples, ...new Array(zeros).fill(0)], cap)
        assertNear(atOnce.mean, oneByOne.mean, 1e-9)
        assertNear(atOnce.variance, oneByOne.variance, 1e-9)
        assert.equal(atOnce.n, oneByOne.n)
      }),
    )
  })

  it('forget exponentially at the cap', () => {
    const moments = momentsOf(new Array(500).fill(10), 100)
    addSample(moments, 110, 100)
    assertNear(moments.mean, 11, 1e-12)
    assert.equal(moments.n, 100)
    for (let i = 0; i < 2000; i++) addSample(moments, 50, 100)
    assertNear(moments.mean, 50, 1e-6)
    assertNear(moments.variance, 0, 1e-3)
  })

  it('know nothing but zeros after as many zeros as they remember', () => {
    const moments = momentsOf([5, 6, 7], 100)
    addZeros(moments, 1000, 100)
    assert.deepEqual(moments, { mean: 0, variance: 0, n: 100 })
  })
})

const expectation = fc.record({
  mu: fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
  r: fc.double({ min: MIN_SIZE, max: 1e5, noNaN: true }),
})

/** log of the probability of `x`, up to the terms that do not depend on the mean. */
function logLikelihood(x: number, mu: number, r: number): number {
  return (x === 0 ? 0 : x * Math.log(mu / (mu + r))) + r * Math.log(r / (mu + r))
}

describe('negative binomial', () => {
  it('has as deviance twice what the likelihood lacks to its best', () => {
    fc.assert(
      fc.property(expectation, fc.nat({ max: 100_000 }), ({ mu, r }, x) => {
        const best = logLikelihood(x, Math.max(x, 1e-300), r)
        const deviance = 2 * (best - logLikelihood(x, mu, r))
        // The likelihoods are differences of large numbers: the square loses half of the digits.
        const tolerance = 1e-6 * Math.max(1, Math.abs(best))
        assert.ok(Math.abs(signedDeviance(x, mu, r) ** 2 - deviance) <= tolerance)
      }),
    )
  })

  it('is negative below the mean, positive above, and rises with the count', () => {
    fc.assert(
      fc.property(expectation, fc.nat({ max: 10_000 }), ({ mu, r }, x) => {
        const z = signedDeviance(x, mu, r)
        assert.ok(x >= mu ? z >= 0 : z <= 0)
        assert.ok(signedDeviance(x + 1, mu, r) >= z - 1e-6)
      }),
    )
    assert.equal(signedDeviance(7, 7, 3), 0)
  })

  it('counts standard deviations near the mean of many calls', () => {
    for (const r of [5, 50, 1e6]) {
      const sigma = Math.sqrt(1e4 + 1e8 / r)
      for (const z of [-0.1, 0.1]) assertNear(signedDeviance(1e4 + z * sigma, 1e4, r), z, 0.02)
    }
    assertNear(signedDeviance(0, 4, 1e6), -Math.sqrt(8), 1e-4)
  })

  it('never reaches z below the count that is so many standard deviations above the mean', () => {
    fc.assert(
      fc.property(
        expectation,
        fc.double({ min: 2, max: 8, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ mu, r }, z, share) => {
          const count = Math.floor(countBelow(z, mu, r) * share)
          assert.ok(signedDeviance(count, mu, r) <= z)
        },
      ),
    )
  })

  it('finds its size by moments', () => {
    fc.assert(
      fc.property(expectation, ({ mu, r }) => {
        const size = sizeOf(mu, mu + (mu * mu) / r)
        if (r < 1e4 && mu > 0.1) assertNear(size, r, 1e-3)
        assert.ok(size >= MIN_SIZE && size <= 1e6)
      }),
    )
    assert.equal(sizeOf(100, 100), 1e6)
    assert.equal(sizeOf(100, 20), 1e6)
    assert.equal(sizeOf(1, 1e9), MIN_SIZE)
  })
})

describe('upper tail of the standard normal', () => {
  /** Abramowitz & Stegun, tables 26.1 and 26.2. */
  const TABLE: readonly (readonly [z: number, tail: number])[] = [
    [-6, 1 - 9.8659e-10],
    [-1, 0.8413447461],
    [0, 0.5],
    [1, 0.1586552539],
    [1.96, 0.0249978951],
    [3, 1.3498980316e-3],
    [3.0001, 1.349455e-3],
    [6, 9.8658764504e-10],
    [10, 7.619853024e-24],
  ]
  for (const [z, tail] of TABLE)
    it(`is ${tail} at ${z}`, () => assertNear(log10UpperTail(z), Math.log10(tail), 1e-4))

  it('falls all the way and is finite far beyond what a double can hold', () => {
    let last = log10UpperTail(-7)
    for (let z = -6.9; z < 200; z += 0.1) {
      const tail = log10UpperTail(z)
      assert.ok(tail <= last + 1e-6 && Number.isFinite(tail), `${z}`)
      last = tail
    }
    assertNear(log10UpperTail(100), -2173.87154, 1e-6)
  })
})

describe('season', () => {
  it('has a slot for each hour of weekdays and each of weekends, UTC', () => {
    const seen = new Set<number>()
    for (let hour = 0; hour < 24 * 365; hour++) {
      const time = Date.UTC(2026, 0, 1) + hour * 3_600_000 + 1_234_567
      const date = new Date(time)
      const isWeekend = date.getUTCDay() === 0 || date.getUTCDay() === 6
      assert.equal(slotOf(time), date.getUTCHours() + (isWeekend ? 24 : 0))
      seen.add(slotOf(time))
    }
    assert.equal(seen.size, SLOTS)
  })

  it('is used from the second visit on', () => {
    assert.equal(seasonFactor(1000, 0, 10), 1)
    assert.equal(seasonFactor(1000, 1, 10), 1)
    assert.ok(seasonFactor(1000, 2, 500) > 1.9)
    assert.equal(seasonFactor(1000, 9, 0), 1)
  })

  it('stays within a tenth and ten times, and near 1 for few calls', () => {
    const inputs = fc.tuple(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.integer({ min: 2, max: 255 }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
    )
    fc.assert(
      fc.property(inputs, ([slot, visits, level]) => {
        const factor = seasonFactor(slot, visits, level)
        assert.ok(factor >= 0.1 && factor <= 10)
      }),
    )
    assertNear(seasonFactor(0.2, 2, 0.1), 1.02, 0.01)
    assertNear(seasonFactor(1e6, 20, 1e5), 10, 1e-3)
    assertNear(seasonFactor(2e5, 20, 1e5), 2, 1e-3)
  })

  it('has the mean of the first visits, and then forgets with a weight of 0.15', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 6 }), (visits) => {
        const slot = visits.reduce((sum, count, i) => slotMean(sum, i, count), 0)
        assertNear(slot, mean(visits), 1e-9)
      }),
    )
    assertNear(slotMean(100, 50, 200), 115, 1e-12)
  })
})
