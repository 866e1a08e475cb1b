import { between, type Dice, diceFor, fraction, shuffled } from './dice.ts'
import { normal } from './distributions.ts'
import { type Link, linksOf } from './edges.ts'
import { type Service, servicesOf } from './services.ts'

/** How a rate goes with the day and the week. */
export type Rhythm = 'shoppers' | 'office' | 'steady'

/** How calls come about: by people's requests, or by a timetable (probes, the nightly batch). */
export interface Edge extends Link {
  /** Place in the shop's list of edges. */
  readonly index: number
  /** Mean calls a minute over a whole week; 0 when a timetable or an attack makes them. */
  readonly perMinute: number
  readonly rhythm: Rhythm
  /** Gamma shape of the minutes: small is bursty. */
  readonly shape: 2 | 4 | 8
  /** Usual time to answer, milliseconds, and usual size of the answer, bytes. */
  readonly latencyMs: number
  readonly replyBytes: number
  /** Not there from the beginning: brought by a deploy of the caller, or by a new product. */
  readonly novelty?: 'adopted' | 'new product'
}

/** A shop: what the seed fixes for all time. */
export interface Topology {
  readonly seed: number
  readonly services: readonly Service[]
  readonly edges: readonly Edge[]
}

/** Calls a minute of the whole shop, averaged over a week, without probes, batch and new product. */
const SHOP_PER_MINUTE = 44
const SHARED_PER_MINUTE = 0.12
const LEAST_PER_MINUTE = 0.04

/** How busy an edge is by the tier of its caller, before chance. */
const BUSY: Readonly<Record<string, number>> = { edge: 2.2, web: 1.2, core: 0.8, finance: 0.5, data: 0.3 }
const OFFICE: ReadonlySet<string> = new Set(['support-desk', 'seller-portal', 'invoicing', 'payouts', 'tax'])

/** The shop of a seed. */
export function topologyOf(seed: number): Topology {
  const dice = diceFor(seed, 'topology')
  const services = servicesOf(dice)
  const links = linksOf(dice, services)
  const adopted = adoptions(dice, links)
  const weights = links.map((link) => weight(dice, link))
  const total = weights.reduce((sum, each) => sum + each, 0)
  const fixed = links.filter(isShared).length * SHARED_PER_MINUTE
  const perWeight = (SHOP_PER_MINUTE - fixed) / total
  const edges = links.map((link, index): Edge => {
    const perMinute = isShared(link) ? sharedRate(dice) : weights[index] * perWeight
    const novelty = link.caller.isNew ? 'new product' : adopted.has(link) ? 'adopted' : undefined
    const known = novelty === 'new product' && !isShared(link) ? 0.5 : perMinute
    return { ...link, index, ...habit(dice, link), perMinute: rate(link, known), novelty }
  })
  return { seed, services, edges }
}

/** A further edge of a shop that nobody calls by habit. */
export function quietEdge(link: Link, index: number): Edge {
  return { ...link, index, perMinute: 0, rhythm: 'steady', shape: 4, latencyMs: 9, replyBytes: 2400 }
}

/** True when the callee belongs to the platform everybody calls. */
export function isShared(link: Link): boolean {
  return link.callee.tier === 'shared'
}

/** True when a clock makes the calls: health checks and the nightly batch. */
export function isTimed(link: Link): boolean {
  return (link.caller.tier === 'prober' || link.caller.tier === 'batch') && !isShared(link)
}

function weight(dice: Dice, link: Link): number {
  const chance = Math.exp(0.8 * normal(dice))
  if (isShared(link) || isTimed(link) || link.caller.isNew) return 0
  return (BUSY[link.caller.tier] ?? 0) * chance
}

function sharedRate(dice: Dice): number {
  return SHARED_PER_MINUTE * (0.5 + fraction(dice))
}

function rate(link: Link, perMinute: number): number {
  if (isShared(link)) return Math.max(LEAST_PER_MINUTE, perMinute)
  return isTimed(link) ? 0 : Math.max(LEAST_PER_MINUTE, perMinute)
}

function habit(dice: Dice, link: Link): Pick<Edge, 'rhythm' | 'shape' | 'latencyMs' | 'replyBytes'> {
  const people = OFFICE.has(link.caller.name) ? 'office' : 'shoppers'
  return {
    rhythm: isShared(link) || isTimed(link) ? 'steady' : people,
    shape: ([2, 4, 8] as const)[between(dice, 0, 2)],
    latencyMs: between(dice, 3, 40),
    replyBytes: Math.round(400 * Math.exp(1.1 * Math.abs(normal(dice)))),
  }
}

/** Two to four links to a shared service that come with a later deploy; most of the caller's peers have them already. */
function adoptions(dice: Dice, links: readonly Link[]): ReadonlySet<Link> {
  const calls = new Set(links.map(({ caller, callee }) => `${caller.index}>${callee.index}`))
  const peersThatCall = ({ caller, callee }: Link) =>
    links.filter((link) => link.caller === caller && calls.has(`${link.callee.index}>${callee.index}`)).length
  const isPopular = ({ name }: Service) => name === 'config' || name === 'feature-flags' || name === 'metrics'
  const candidates = links.filter(
    (link) =>
      isPopular(link.callee) &&
      (link.caller.tier === 'web' || link.caller.tier === 'core') &&
      !link.caller.isNew &&
      peersThatCall(link) >= 3,
  )
  const byCaller = new Map(shuffled(dice, candidates).map((link) => [link.caller, link]))
  return new Set([...byCaller.values()].slice(0, between(dice, 2, 4)))
}
