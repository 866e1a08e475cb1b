import type { Rhythm } from './topology.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** A daily wave around 1: `height` and hour (UTC) of the peak, and of a second one that repeats every 12 hours. */
interface Wave {
  readonly height: number
  readonly peakHour: number
  readonly secondHeight: number
  readonly secondHour: number
  readonly weekday: number
  readonly weekend: number
}

/** Each averages to 1 over a week, so that rates keep their meaning. */
const WAVES: Readonly<Record<Rhythm, Wave>> = {
  shoppers: {
    height: 0.62,
    peakHour: 16,
    secondHeight: 0.18,
    secondHour: 20,
    weekday: 0.92,
    weekend: 1.2,
  },
  office: { height: 0.75, peakHour: 13, secondHeight: 0.1, secondHour: 10, weekday: 1.24, weekend: 0.4 },
  steady: { height: 0.15, peakHour: 15, secondHeight: 0, secondHour: 0, weekday: 1, weekend: 1 },
}

/** Factor on a rate at `time` (epoch ms, UTC): mean 1 over a week, always above 0. */
export function curveAt(rhythm: Rhythm, time: number): number {
  const wave = WAVES[rhythm]
  const hour = (time % DAY_MS) / HOUR_MS
  const first = wave.height * Math.cos((2 * Math.PI * (hour - wave.peakHour)) / 24)
  const second = wave.secondHeight * Math.cos((2 * Math.PI * (hour - wave.secondHour)) / 12)
  return (1 + first + second) * (isWeekend(time) ? wave.weekend : wave.weekday)
}

/** Saturday or Sunday, UTC. Day 0 of the epoch was a Thursday. */
export function isWeekend(time: number): boolean {
  const weekday = (Math.floor(time / DAY_MS) + 4) % 7
  return weekday === 0 || weekday === 6
}
