import { generate } from '../../demo/generate.ts'
import type { Source } from '../../domain/ports.ts'
import { memorySource } from '../memory-source.ts'

const DAY_MS = 86_400_000
/** A Monday. */
const START = Date.UTC(2026, 10, 9)

/** One line of a log that is on its way to the collector. */
export interface ArrivingLine {
  readonly source: string
  readonly line: string
  readonly time: number
}

/** Two days of a quiet shop, of which the second ends with an attack. */
export function scenarioLines(): readonly ArrivingLine[] {
  return [
    ...generate({
      seed: 3,
      start: START,
      end: START + 2 * DAY_MS,
      attackStart: START + 1.8 * DAY_MS,
      rate: 0.15,
    }),
  ]
}

/** One source for each log that the lines are of; lines keep their order. */
export function sourcesOf(lines: readonly ArrivingLine[]): Source[] {
  const logs = new Map<string, string[]>()
  for (const { source, line } of lines) {
    const log = logs.get(source)
    if (log === undefined) logs.set(source, [line])
    else log.push(line)
  }
  return [...logs].map(([name, log]) => memorySource(name, log))
}

/** A generator of reproducible numbers in [0, 1) (mulberry32). */
export function diceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** The lines as they arrive when each is late by up to `withinMs`. */
export function shuffled(lines: readonly ArrivingLine[], withinMs: number, seed = 1): ArrivingLine[] {
  const dice = diceOf(seed)
  return lines
    .map((line) => ({ line, arrivesAt: line.time + dice() * withinMs }))
    .sort((a, b) => a.arrivesAt - b.arrivesAt)
    .map(({ line }) => line)
}
