import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard'
import { TONES, type Tone } from './tone.ts'

/** A value from which on something is so. */
export interface Step {
  readonly from: number
  readonly tone: Tone
  /** Half a sentence: "somebody is not being told". */
  readonly means: string
}

/** Thresholds as Grafana has them; below the first step a value is good. */
export function thresholdsOf(steps: readonly Step[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([
      { color: TONES.good, value: null },
      ...steps.map(({ from, tone }) => ({ color: TONES[tone], value: from })),
    ])
}

/** The same in words, one line a step, for those who do not see or do not know the colours. */
export function stepsInWords(steps: readonly Step[], unit: string): string {
  return steps.map(({ from, means }) => `From ${inWords(from, unit)}: ${means}.`).join('\n')
}

function inWords(value: number, unit: string): string {
  if (unit === 'percentunit') return `${value * 100} %`
  if (unit === 'bytes') return `${value / 2 ** 20} MiB`
  if (unit !== 's') return String(value)
  if (value < 1) return `${value * 1000} ms`
  return value < 120 ? `${value} s` : `${value / 60} min`
}
