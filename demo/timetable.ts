import { DAY_MS, MINUTE_MS } from './curve.ts'
import { between, type Dice, diceFor } from './dice.ts'
import { type Edge, isTimed, type Topology } from './topology.ts'

/** Calls made by a clock: at every `everyMs`, within a part of each day. */
export interface Timetable {
  readonly edge: Edge
  readonly everyMs: number
  readonly phaseMs: number
  /** From and to, milliseconds after midnight UTC. */
  readonly hours: readonly [number, number]
}

/** The nightly batch runs from 02:00 to 02:40. */
const NIGHT = [120 * MINUTE_MS, 160 * MINUTE_MS] as const
const ALWAYS = [0, DAY_MS] as const
/** A clock's own calls come this much late at most, milliseconds. */
const JITTER_MS = 200

/** Health checks of the platform prober, and the nightly batch. */
export function timetablesOf(topology: Topology): Timetable[] {
  const dice = diceFor(topology.seed, 'timetables')
  return topology.edges.filter(isTimed).map((edge) => {
    const everyMs = edge.caller.tier === 'batch' ? 5000 : edge.callee.tier === 'edge' ? 20_000 : 30_000
    const hours = edge.caller.tier === 'batch' ? NIGHT : ALWAYS
    return { edge, everyMs, phaseMs: between(dice, 0, everyMs - 1), hours }
  })
}

/** Offsets (ms, from 0) of the calls within the minute that begins at `minuteStart`. */
export function callsInMinute(dice: Dice, timetable: Timetable, minuteStart: number): number[] {
  const { everyMs, phaseMs, hours } = timetable
  const ofDay = minuteStart % DAY_MS
  if (ofDay < hours[0] || ofDay >= hours[1]) return []
  const offsets: number[] = []
  const first = Math.ceil((minuteStart - phaseMs) / everyMs) * everyMs + phaseMs
  for (let time = first; time < minuteStart + MINUTE_MS; time += everyMs) {
    offsets.push(Math.min(MINUTE_MS - 1, time - minuteStart + (dice() % JITTER_MS)))
  }
  return offsets
}
