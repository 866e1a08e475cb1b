import type { Channel } from '../detector.ts'
import {
  type AlarmRate,
  age,
  alarmRate,
  BUCKETS,
  bucketOf,
  createSketch,
  rawAt,
  type Sketch,
} from '../stats/survival.ts'

/**
 * Turns raw scores into false alarms expected a day. Each partition sketches its own scores; once an hour it tells
 * its sketch to all, and all judge by the sum of what was told, so the thresholds do not depend on the partition.
 */
export interface Calibrated {
  readonly channel: Channel
  /** This partition's own scores. */
  readonly sketch: Sketch
  /** Newest sketch that each partition told. */
  readonly told: Map<number, Sketch>
  /** False alarms a day inside which a score is recorded, and inside which it opens an incident. */
  readonly recordPerDay: number
  readonly openPerDay: number
  rate: AlarmRate
  recordRaw: number
  openRaw: number
}

/** A channel of which no score is known. */
export function calibrate(channel: Channel, recordPerDay: number, openPerDay: number): Calibrated {
  const calibrated = {
    channel,
    sketch: createSketch(),
    told: new Map(),
    recordPerDay,
    openPerDay,
    rate: alarmRate([], channel.tail),
    recordRaw: 0,
    openRaw: 0,
  }
  return retune(calibrated)
}

/** Counts one score. */
export function sample(calibrated: Calibrated, raw: number): void {
  calibrated.sketch.counts[bucketOf(raw)]++
}

/** Takes the newest sketches as the measure from now on. */
export function retune(calibrated: Calibrated): Calibrated {
  const { channel, told } = calibrated
  calibrated.rate = alarmRate([...told.values()], channel.tail)
  calibrated.recordRaw = Math.max(channel.recordFrom, rawAt(calibrated.rate, calibrated.recordPerDay))
  calibrated.openRaw = Math.max(channel.openFrom, rawAt(calibrated.rate, calibrated.openPerDay))
  return calibrated
}

/** A sketch as text: days, then the buckets that are not empty as `bucket:count`. */
export function writeSketch(sketch: Sketch): string {
  const buckets: string[] = [String(sketch.days)]
  for (let i = 0; i < BUCKETS; i++) if (sketch.counts[i] > 0) buckets.push(`${i}:${sketch.counts[i]}`)
  return buckets.join(' ')
}

/** A sketch from its text. */
export function readSketch(text: string): Sketch {
  const [days, ...buckets] = text.split(' ')
  const sketch = createSketch()
  sketch.days = Number(days)
  for (const bucket of buckets) {
    const [index, count] = bucket.split(':')
    sketch.counts[Number(index)] = Number(count)
  }
  return sketch
}

/** Lets time pass over the partition's own sketch. */
export function ageSketch(calibrated: Calibrated, days: number): void {
  age(calibrated.sketch, days)
}
