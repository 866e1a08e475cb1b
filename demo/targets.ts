import { type Dice, diceFor, shuffled } from './dice.ts'
import type { Service } from './services.ts'
import { type Edge, isShared, type Topology } from './topology.ts'

/** The way an attacker takes through the shop: all of it unusual by the shop's own habits. */
export interface Way {
  readonly compromised: Service
  readonly firstTarget: Service
  readonly nextTarget: Service
  /** An ordinary edge of the compromised service, a few calls a minute. */
  readonly volumeEdge: Edge
}

/**
 * The seed's way: an ordinary page or domain service reaches into data or finance, where few call and none of
 * its peers does, and from there to a further such place.
 * @throws when the topology has no such way: its rules need loosening
 */
export function wayOf(topology: Topology): Way {
  const dice = diceFor(topology.seed, 'way')
  for (const compromised of shuffled(dice, topology.services)) {
    const volumeEdge = shuffled(
      dice,
      topology.edges.filter((edge) => edge.caller === compromised),
    ).find(isModest)
    if (volumeEdge === undefined || !isOrdinary(topology, compromised)) continue
    const [firstTarget] = hiddenFrom(topology, dice, [compromised])
    if (firstTarget === undefined) continue
    const [nextTarget] = hiddenFrom(topology, dice, [firstTarget, compromised])
    if (nextTarget !== undefined) return { compromised, firstTarget, nextTarget, volumeEdge }
  }
  throw new Error(`seed ${topology.seed} leaves no way for an attack: change the rules of the topology`)
}

/** One to three calls a minute of people's requests. */
function isModest(edge: Edge): boolean {
  return !isShared(edge) && edge.perMinute >= 0.8 && edge.perMinute <= 3
}

/** A page or domain service that was there from the beginning and learned nothing new. */
function isOrdinary(topology: Topology, service: Service): boolean {
  const own = topology.edges.filter((edge) => edge.caller === service)
  const isFrontOrMiddle = service.tier === 'web' || service.tier === 'core'
  return isFrontOrMiddle && own.length >= 4 && own.every((edge) => edge.novelty === undefined)
}

/**
 * Services of data and finance with one or two callers, none of them one of `seekers` or their peers. Those with
 * one caller come first, else the order is chance.
 */
function hiddenFrom(topology: Topology, dice: Dice, seekers: readonly Service[]): Service[] {
  const near = new Set([...seekers, ...seekers.flatMap((service) => peersOf(topology, service))])
  const rich = topology.services.filter(
    ({ tier, isNew }) => (tier === 'data' || tier === 'finance') && !isNew,
  )
  return shuffled(dice, rich)
    .map((service) => ({ service, callers: callersOf(topology, service) }))
    .filter(({ service, callers }) => !near.has(service) && !callers.some((caller) => near.has(caller)))
    .filter(({ callers }) => callers.length <= 2)
    .sort((a, b) => a.callers.length - b.callers.length)
    .map(({ service }) => service)
}

function callersOf(topology: Topology, service: Service): Service[] {
  return topology.edges.filter((edge) => edge.callee === service).map((edge) => edge.caller)
}

/** All that call the service or are called by it. */
function peersOf(topology: Topology, service: Service): Service[] {
  return topology.edges.flatMap((edge) =>
    edge.caller === service ? [edge.callee] : edge.callee === service ? [edge.caller] : [],
  )
}
