/**
 * How often a score as high as this one was seen: a histogram of a detector's own past scores in logarithmic
 * buckets that forgets by half in seven days. Every score enters, flagged or not: leaving the flagged ones out
 * makes the alarm rate drift upward without bound.
 */

export const BUCKETS = 512
const PER_UNIT = 50
const HALF_LIFE_DAYS = 7
/** Below this many samples the detector's own parametric tail is used instead. */
export const ENOUGH_SAMPLES = 10_000
const TAIL_SHARE = 1e-3
/** Weight that has faded to less is none. */
const LEAST_WEIGHT = 1e-6

export interface Sketch {
  /** Weight of scores by {@link bucketOf}. */
  readonly counts: Float64Array
  /** Weight of the observed time, in days. */
  days: number
}

/** A sketch without scores. */
export function createSketch(): Sketch {
  return { counts: new Float64Array(BUCKETS), days: 0 }
}

/** Bucket of a raw score: relative width 2 % of (1 + score); negative scores share bucket 0. */
export function bucketOf(raw: number): number {
  return raw <= 0 ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log1p(raw) * PER_UNIT))
}

/** Lower edge of a bucket in raw score. */
export function bucketStart(bucket: number): number {
  return bucket === 0 ? 0 : Math.expm1((bucket - 1) / PER_UNIT)
}

/** Lets `days` pass: older weight fades, and the observed time grows. */
export function age(sketch: Sketch, days: number): void {
  const keep = 2 ** (-days / HALF_LIFE_DAYS)
  for (let i = 0; i < BUCKETS; i++) {
    const kept = sketch.counts[i] * keep
    sketch.counts[i] = kept < LEAST_WEIGHT ? 0 : kept
  }
  sketch.days = sketch.days * keep + ((1 - keep) * HALF_LIFE_DAYS) / Math.LN2
}

/** log10 of the probability that a score reaches `raw`, from the shape of the statistic alone. */
export type ParametricTail = (raw: number) => number

/** log10 of the scores a day expected to reach the lower edge of each bucket, and the total a day. */
export interface AlarmRate {
  readonly log10PerDay: Float64Array
  readonly testsPerDay: number
  readonly samples: number
}

/** Tests a day that are assumed before any sketch is known. */
const ASSUMED_TESTS_PER_DAY = 1000

/**
 * The alarm rate of merged sketches: empirical survival, beyond its last thousandth a generalised Pareto tail by
 * the method of moments (Hosking & Wallis 1987); under {@link ENOUGH_SAMPLES} the parametric tail.
 */
export function alarmRate(sketches: readonly Sketch[], tail: ParametricTail): AlarmRate {
  const counts = new Float64Array(BUCKETS)
  let days = 0
  for (const sketch of sketches) {
    for (let i = 0; i < BUCKETS; i++) counts[i] += sketch.counts[i]
    days = Math.max(days, sketch.days)
  }
  const samples = counts.reduce((sum, count) => sum + count, 0)
  const testsPerDay = samples > 0 ? samples / Math.max(days, 1 / 24) : ASSUMED_TESTS_PER_DAY
  const log10PerDay = new Float64Array(BUCKETS)
  const survival = samples >= ENOUGH_SAMPLES ? empirical(counts, samples) : undefined
  for (let i = 0; i < BUCKETS; i++)
    log10PerDay[i] = (survival ? survival[i] : tail(bucketStart(i))) + Math.log10(testsPerDay)
  return { log10PerDay, testsPerDay, samples }
}

/** log10 survival at the lower edge of each bucket. */
function empirical(counts: Float64Array, samples: number): Float64Array {
  const survival = new Float64Array(BUCKETS)
  let above = 0
  let knee = BUCKETS - 1
  for (let i = BUCKETS - 1; i >= 0; i--) {
    above += counts[i]
    survival[i] = Math.log10(Math.max(above, 1e-300) / samples)
    if (above <= samples * TAIL_SHARE) knee = i
  }
  const { shape, scale } = paretoTail(counts, knee)
  const start = bucketStart(knee)
  for (let i = knee + 1; i < BUCKETS; i++) {
    const excess = bucketStart(i) - start
    const inside = shape > 1e-6 ? -Math.log1p((shape * excess) / scale) / shape : -excess / scale
    survival[i] = survival[knee] + inside * Math.LOG10E
  }
  return survival
}

/** Shape (0 to 0.5) and scale of the excesses over the lower edge of bucket `knee`. */
function paretoTail(counts: Float64Array, knee: number): { shape: number; scale: number } {
  const start = bucketStart(knee)
  let weight = 0
  let sum = 0
  let squares = 0
  for (let i = knee; i < BUCKETS; i++) {
    const excess = (bucketStart(i) + bucketStart(Math.min(i + 1, BUCKETS - 1))) / 2 - start
    weight += counts[i]
    sum += counts[i] * excess
    squares += counts[i] * excess * excess
  }
  if (weight < 5) return { shape: 0, scale: 0.5 }
  const mean = sum / weight
  const ratio = (mean * mean) / Math.max(squares / weight - mean * mean, 1e-9)
  return {
    shape: Math.min(0.5, Math.max(0, (1 - ratio) / 2)),
    scale: Math.max(0.1, (mean * (1 + ratio)) / 2),
  }
}

/** log10 of the scores a day expected to reach `raw`, between two buckets by interpolation. */
export function log10PerDay(rate: AlarmRate, raw: number): number {
  if (raw <= 0) return rate.log10PerDay[0]
  const position = 1 + Math.log1p(raw) * PER_UNIT
  const bucket = Math.floor(position)
  if (bucket >= BUCKETS - 1) return rate.log10PerDay[BUCKETS - 1]
  const low = rate.log10PerDay[bucket]
  return low + (rate.log10PerDay[bucket + 1] - low) * (position - bucket)
}

/** Lowest raw score expected at most `perDay` times a day. */
export function rawAt(rate: AlarmRate, perDay: number): number {
  const target = Math.log10(perDay)
  let low = 0
  let high = BUCKETS - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (rate.log10PerDay[middle] <= target) high = middle
    else low = middle + 1
  }
  return bucketStart(low)
}
