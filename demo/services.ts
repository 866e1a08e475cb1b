import { PRODUCTS, TIERS, type Tier, TRUST_DOMAIN } from './catalogue.ts'
import { between, type Dice, shuffled } from './dice.ts'

/** One workload identity of the shop. */
export interface Service {
  /** Place in the shop's list of services. */
  readonly index: number
  readonly name: string
  readonly namespace: string
  readonly tier: Tier
  /** SPIFFE id. */
  readonly identity: string
  /** Pods that always run; up to `maxPods` while the day is busy. */
  readonly minPods: number
  readonly maxPods: number
  readonly deployEveryDays: number
  /** Part of a product that is rolled out while the shop is running. */
  readonly isNew: boolean
}

/** Most pods a service has at once. */
export const MAX_PODS = 4

interface Name {
  readonly name: string
  readonly namespace: string
  readonly tier: Tier
  readonly isNew: boolean
}

/** The services of one shop, in the order of their tiers. */
export function servicesOf(dice: Dice): Service[] {
  const names: Name[] = TIERS.flatMap(({ tier, namespace, count, always, sometimes }) =>
    [...always, ...shuffled(dice, sometimes)]
      .slice(0, count)
      .map((name) => ({ name, namespace, tier, isNew: false })),
  )
  return [...names, ...newProduct(dice)].map((name, index) => service(dice, name, index))
}

function newProduct(dice: Dice): Name[] {
  const product = shuffled(dice, PRODUCTS)[0]
  return [
    { name: `${product}-page`, namespace: 'web', tier: 'web', isNew: true },
    { name: product, namespace: 'shop', tier: 'core', isNew: true },
    { name: `${product}-store`, namespace: 'data', tier: 'data', isNew: true },
  ]
}

function service(dice: Dice, name: Name, index: number): Service {
  const isSingle = name.tier === 'prober' || name.tier === 'batch'
  const minPods = isSingle ? 1 : between(dice, name.tier === 'edge' ? 2 : 1, 2)
  const doesScale = name.tier === 'edge' || name.tier === 'web' || name.tier === 'core'
  return {
    ...name,
    index,
    identity: `spiffe://${TRUST_DOMAIN}/ns/${name.namespace}/sa/${name.name}`,
    minPods,
    maxPods: doesScale ? between(dice, minPods, MAX_PODS) : minPods,
    deployEveryDays: between(dice, 3, 5),
  }
}
