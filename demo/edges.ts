import type { Tier } from './catalogue.ts'
import { type Dice, fraction } from './dice.ts'
import type { Service } from './services.ts'

/** Who calls whom, before anything is said of how often. */
export interface Link {
  readonly caller: Service
  readonly callee: Service
}

type ByTier = (tier: Tier) => readonly Service[]

/**
 * The links of a mature shop: gateways call pages, pages call domain services, those call each other downwards
 * and their stores, and nearly everybody calls the shared platform. Each page, service and store has a caller;
 * finance and most stores have one or two.
 */
export function linksOf(dice: Dice, services: readonly Service[]): Link[] {
  const mature = services.filter((service) => !service.isNew)
  const of: ByTier = (tier) => mature.filter((service) => service.tier === tier)
  return unique([
    ...spread(dice, of('edge'), of('web'), 0.35),
    ...spread(dice, of('web'), of('core'), 0.12),
    ...downwards(dice, of('core'), 0.1),
    ...finance(dice, of),
    ...stores(dice, of),
    ...batch(of),
    ...shared(dice, mature),
    ...probes(of),
    ...newProduct(services),
  ])
}

/** Every callee has one caller in turn, and each other caller with a chance. */
function spread(
  dice: Dice,
  callers: readonly Service[],
  callees: readonly Service[],
  chance: number,
): Link[] {
  return callees.flatMap((callee, i) =>
    callers
      .filter((_, j) => fraction(dice) < chance || j === i % callers.length)
      .map((caller) => ({ caller, callee })),
  )
}

function downwards(dice: Dice, services: readonly Service[], chance: number): Link[] {
  return services.flatMap((caller, i) =>
    services
      .slice(i + 1)
      .filter(() => fraction(dice) < chance)
      .map((callee) => ({ caller, callee })),
  )
}

/** Payments are asked by checkout and orders; the other finance services hang below it in a thin tree. */
function finance(dice: Dice, of: ByTier): Link[] {
  const [payments, ...others] = of('finance')
  const [checkout, orders] = of('core')
  const below = others.map((callee, i) => ({
    caller: i === 0 || fraction(dice) < 0.4 ? payments : others[i - 1],
    callee,
  }))
  return [{ caller: checkout, callee: payments }, { caller: orders, callee: payments }, ...below]
}

/** A store has one owner, sometimes two; the first, of orders, belongs to the two services that own orders. */
function stores(dice: Dice, of: ByTier): Link[] {
  const owners = [...of('core').slice(1), ...of('finance').slice(1)]
  return of('data').flatMap((callee, i) => {
    const first = owners[(i * 2) % owners.length]
    const second = owners[(i * 2 + 1) % owners.length]
    return i === 0 || fraction(dice) < 0.4
      ? [
          { caller: first, callee },
          { caller: second, callee },
        ]
      : [{ caller: first, callee }]
  })
}

function batch(of: ByTier): Link[] {
  const [caller] = of('batch')
  const callees = [of('finance')[1], of('data')[0], of('data')[2]]
  return callees.map((callee) => ({ caller, callee }))
}

/** How many of the services call a shared one: all of them the configuration, few the token exchange. */
const SHARED_CHANCE: Readonly<Record<string, number>> = {
  config: 1,
  'feature-flags': 0.5,
  metrics: 0.8,
  'token-exchange': 0.1,
}

function shared(dice: Dice, services: readonly Service[]): Link[] {
  const callees = services.filter((service) => service.tier === 'shared')
  const callers = services.filter((service) => service.tier !== 'shared')
  return callees.flatMap((callee) =>
    callers
      .filter(() => fraction(dice) < (SHARED_CHANCE[callee.name] ?? 0))
      .map((caller) => ({ caller, callee })),
  )
}

function probes(of: ByTier): Link[] {
  const [caller] = of('prober')
  const callees = [...of('edge'), ...of('web').slice(0, 3)]
  return callees.map((callee) => ({ caller, callee }))
}

/** A new product calls its own parts and what everybody calls. */
function newProduct(services: readonly Service[]): Link[] {
  const [page, product, store] = services.filter((service) => service.isNew)
  const popular = services.filter(({ name }) => name === 'config' || name === 'metrics')
  const own = [
    { caller: page, callee: product },
    { caller: product, callee: store },
  ]
  return [
    ...own,
    ...[page, product, store].flatMap((caller) => popular.map((callee) => ({ caller, callee }))),
  ]
}

function unique(links: readonly Link[]): Link[] {
  const byKey = new Map(links.map((link) => [`${link.caller.index}>${link.callee.index}`, link]))
  return [...byKey.values()]
}
