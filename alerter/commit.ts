import type { Sha256Hex } from '../domain/hash.ts'
import type { Delivery, OwedDelivery } from '../domain/incident.ts'
import type { IncidentStore, SeenFinding } from '../domain/ports.ts'
import type { Endpoint } from './endpoint.ts'
import type { FoldOptions } from './fold.ts'
import type { Update } from './life.ts'
import { owe } from './owe.ts'
import type { Stage } from './stage.ts'

/** What the steps of the alerter work with. */
export interface Desk {
  readonly store: IncidentStore
  readonly endpoints: readonly Endpoint[]
  readonly stages: readonly Stage[]
  readonly fold: FoldOptions
  readonly sha256Hex: Sha256Hex
  /** Wall clock, epoch ms. */
  readonly clock: () => number
  /** Told after each change is stored. */
  readonly onChange: (change: Committed) => void
}

/** What a step changed; empty when it changed nothing. */
export interface Committed {
  readonly updates: readonly Update[]
  /** Owed from now on, or dropped with a reason. */
  readonly deliveries: readonly OwedDelivery[]
  /** Deliveries that these replace. */
  readonly superseded: readonly Delivery[]
}

export const NOTHING: Committed = { updates: [], deliveries: [], superseded: [] }

/** A step computed from what the store holds now. */
export interface Step {
  readonly updates: readonly Update[]
  readonly findings: readonly SeenFinding[]
  readonly nextFinding?: number
}

const MAX_TRIES = 5

/**
 * Computes a step and writes it together with the notifications it makes owed, as one change. When another writer was
 * faster the step is computed again from what is there then.
 */
export async function commit(desk: Desk, compute: () => Promise<Step>): Promise<Committed> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const step = await compute()
    if (isNothing(step)) return NOTHING
    const owed = await owedFor(desk, step.updates)
    const answer = await desk.store.apply(
      {
        incidents: step.updates.map(({ after }) => after),
        findings: step.findings,
        deliveries: owed.deliveries,
        superseded: owed.superseded.map(({ id }) => id),
        ...(step.nextFinding === undefined ? {} : { nextFinding: step.nextFinding }),
      },
      new Map(step.updates.map(({ before, after }) => [after.id, before?.revision ?? 0])),
    )
    if (answer === 'conflict') continue
    const committed = { updates: step.updates, ...owed }
    desk.onChange(committed)
    return committed
  }
  throw new Error(
    `incident store refused the same change ${MAX_TRIES} times: are two alerters running on it?`,
  )
}

function isNothing({ updates, findings, nextFinding }: Step): boolean {
  return updates.length + findings.length === 0 && nextFinding === undefined
}

async function owedFor(desk: Desk, updates: readonly Update[]) {
  const { endpoints, stages, sha256Hex } = desk
  const disabled = new Set(await desk.store.disabledEndpoints())
  const routing = { endpoints, stages, disabled, sha256Hex, now: desk.clock() }
  const deliveries: OwedDelivery[] = []
  const superseded: Delivery[] = []
  for (const update of updates) {
    const earlier = update.before === undefined ? [] : await desk.store.deliveries(update.after.id)
    const owed = owe(update, earlier, routing)
    deliveries.push(...owed.deliveries)
    superseded.push(...owed.superseded)
  }
  return { deliveries, superseded }
}
