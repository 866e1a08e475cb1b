import type { Series } from './series.ts'
import { type Box, PALE_INK, RULE, round, text } from './svg.ts'
import { inUnit } from './unit.ts'

const TICKS = 3

/** From time and value to pixels. */
export interface Scale {
  readonly x: (time: number) => number
  readonly y: (value: number) => number
}

/** Seconds since the epoch. */
export interface TimeRange {
  readonly start: number
  readonly end: number
}

/** @param highest value that must fit */
export function scaleOf(box: Box, { start, end }: TimeRange, highest: number): Scale {
  return {
    x: (time) => box.x + ((time - start) / (end - start || 1)) * box.width,
    y: (value) => box.y + box.height - (value / highest) * box.height,
  }
}

/** A number that is not below the highest value, and whose thirds are round. */
export function roundedUp(highest: number): number {
  if (highest <= 0) return TICKS
  const magnitude = 10 ** Math.floor(Math.log10(highest))
  return [1.5, 3, 6, 7.5, 9, 12].map((step) => step * magnitude).find((step) => step >= highest) ?? highest
}

export function drawValueAxis(box: Box, highest: number, unit: string | undefined): string {
  return Array.from({ length: TICKS + 1 }, (_, at) => {
    const y = box.y + box.height - (at / TICKS) * box.height
    const words = inUnit((highest * at) / TICKS, unit)
    return `<line x1="${box.x}" y1="${round(y)}" x2="${box.x + box.width}" y2="${round(y)}" stroke="${RULE}"/>${text(box.x - 6, y + 4, words, { size: 11, colour: PALE_INK, anchor: 'end' })}`
  }).join('\n')
}

export function drawTimeAxis(box: Box, { start, end }: TimeRange): string {
  const count = Math.max(2, Math.floor(box.width / 110))
  return Array.from({ length: count }, (_, at) => {
    const x = box.x + (at / (count - 1)) * box.width
    const anchor = at === 0 ? 'start' : at === count - 1 ? 'end' : 'middle'
    const words = clock(start + ((end - start) * at) / (count - 1))
    return text(x, box.y + box.height + 15, words, { size: 11, colour: PALE_INK, anchor })
  }).join('\n')
}

/** `14:05:20`, in UTC. */
export function clock(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 19)
}

/** What all series with more than one point span. */
export function timeRangeOf(series: readonly Series[]): TimeRange | undefined {
  const times = series
    .filter(({ points }) => points.length > 1)
    .flatMap(({ points }) => points.map(([time]) => time))
  if (times.length === 0) return undefined
  return times.reduce(
    (range, time) => ({ start: Math.min(range.start, time), end: Math.max(range.end, time) }),
    {
      start: times[0],
      end: times[0],
    },
  )
}
