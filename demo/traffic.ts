import { curveAt, HOUR_MS, MINUTE_MS } from './curve.ts'
import { type Dice, diceFor, share } from './dice.ts'
import { DECK, deck, gammaFactor, poisson } from './distributions.ts'
import { beginsAt } from './novelty.ts'
import { callsInMinute, type Timetable, timetablesOf } from './timetable.ts'
import type { Edge, Rhythm, Topology } from './topology.ts'

/** How many calls each edge makes in a minute: Poisson around a rate that is itself gamma, so negative binomial. */
export interface Traffic {
  readonly edges: readonly { readonly edge: Edge; readonly beginsAt: number; readonly burst: Float64Array }[]
  readonly timetables: readonly Timetable[]
  readonly seed: number
  readonly dice: Dice
  /** Factor on the rates of people's requests. */
  readonly rate: number
  /** Of the hour that `hour` names, by edge index. */
  readonly moods: Float64Array
  hour: number
  /** Room for the calls of a minute. */
  calls: Uint32Array
}

/** Calls are numbers while they are sorted: milliseconds within the minute, then the edge. */
export const EDGE_ROOM = 1024

const RHYTHMS: readonly Rhythm[] = ['shoppers', 'office', 'steady']

export interface TrafficOptions {
  readonly topology: Topology
  readonly start: number
  readonly rate: number
}

export function trafficOf({ topology, start, rate }: TrafficOptions): Traffic {
  const { seed } = topology
  const dice = diceFor(seed, 'traffic')
  const bursts = new Map([2, 4, 8].map((shape) => [shape, deck(() => gammaFactor(dice, shape))]))
  return {
    edges: topology.edges
      .filter((edge) => edge.perMinute > 0)
      .map((edge) => ({ edge, beginsAt: beginsAt(topology, edge, start), burst: bursts.get(edge.shape)! })),
    timetables: timetablesOf(topology),
    seed,
    dice,
    rate,
    moods: new Float64Array(topology.edges.length),
    hour: Number.NaN,
    calls: new Uint32Array(1024),
  }
}

/** The calls that end in the minute from `minuteStart`, in order; valid until the next call. */
export function callsOf(traffic: Traffic, minuteStart: number): Uint32Array {
  setMoods(traffic, Math.floor(minuteStart / HOUR_MS))
  const { dice } = traffic
  const rates = Object.fromEntries(
    RHYTHMS.map((rhythm) => [rhythm, traffic.rate * curveAt(rhythm, minuteStart)]),
  ) as Record<Rhythm, number>
  let length = 0
  for (const { edge, beginsAt, burst } of traffic.edges) {
    if (minuteStart < beginsAt) continue
    const mean = edge.perMinute * rates[edge.rhythm] * traffic.moods[edge.index] * burst[dice() & (DECK - 1)]
    for (let n = poisson(dice, mean); n > 0; n--)
      length = add(traffic, length, (dice() % MINUTE_MS) * EDGE_ROOM + edge.index)
  }
  for (const timetable of traffic.timetables)
    for (const offset of callsInMinute(dice, timetable, minuteStart))
      length = add(traffic, length, offset * EDGE_ROOM + timetable.edge.index)
  return traffic.calls.subarray(0, length).sort()
}

function add(traffic: Traffic, length: number, call: number): number {
  if (length === traffic.calls.length) {
    const larger = new Uint32Array(2 * length)
    larger.set(traffic.calls)
    traffic.calls = larger
  }
  traffic.calls[length] = call
  return length + 1
}

/** Hours differ a little beyond chance: up to a tenth to either side, each edge by itself. */
function setMoods(traffic: Traffic, hour: number): void {
  if (hour === traffic.hour) return
  traffic.hour = hour
  for (const { edge } of traffic.edges)
    traffic.moods[edge.index] = 0.9 + 0.2 * share(traffic.seed, `mood/${edge.index}/${hour}`)
}
