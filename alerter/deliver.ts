import type { AttemptOutcome, DeliveryState, OwedDelivery } from '../domain/incident.ts'
import type { IncidentStore } from '../domain/ports.ts'
import type { Channel, ChannelRequest } from './channel.ts'
import type { Endpoint } from './endpoint.ts'
import { afterFailure, type Gate, isCircuitOpen, OPEN_GATE, room } from './gate.ts'
import { type Attempt, judge } from './judge.ts'

/** Sends one request. Never throws: how it ended is the answer. */
export type Send = (
  request: ChannelRequest & { readonly id: string; readonly deadlineMs: number },
) => Promise<Attempt>

/** What became of one attempt, for metrics and a terminal. */
export interface AttemptReport {
  readonly endpoint: string
  readonly outcome: AttemptOutcome
  /** Of the delivery after it: still owed, delivered or failed for good. */
  readonly state: DeliveryState
}

export interface Courier {
  readonly store: IncidentStore
  readonly endpoints: readonly Endpoint[]
  readonly channels: readonly Channel[]
  readonly send: Send
  /** Wall clock, epoch ms. */
  readonly clock: () => number
  /** Uniform in [0, 1). */
  readonly dice: () => number
  readonly inFlightPerEndpoint: number
  readonly deadlineMs: number
  readonly incidentUrl: (id: string) => string | undefined
  readonly onAttempt: (attempt: AttemptReport) => void
}

/** What is known about each endpoint while the process runs; after a restart each begins with an open gate. */
export type Lanes = Map<string, Lane>
interface Lane {
  gate: Gate
  /** Incident of each delivery in flight: two versions of one incident must not overtake each other. */
  readonly inFlight: Map<string, string>
}

export function newLanes(endpoints: readonly Endpoint[]): Lanes {
  return new Map(
    endpoints.map(({ name }) => [name, { gate: OPEN_GATE, inFlight: new Map<string, string>() }]),
  )
}

/**
 * Starts what is due and may start, at every endpoint on its own, so that a slow one holds up no other. May be called
 * again before it returns.
 * @returns when the attempts that it started have ended
 */
export async function deliverDue(lanes: Lanes, courier: Courier): Promise<void> {
  const disabled = new Set(await courier.store.disabledEndpoints())
  const enabled = courier.endpoints.filter((endpoint) => !disabled.has(endpoint.name))
  await Promise.all(enabled.map((endpoint) => deliverTo(endpoint, lanes.get(endpoint.name)!, courier)))
}

async function deliverTo(endpoint: Endpoint, lane: Lane, courier: Courier): Promise<void> {
  const limit = courier.inFlightPerEndpoint
  const now = courier.clock()
  if (room(lane.gate, { now, inFlight: lane.inFlight.size, limit }) === 0) return
  const due = await courier.store.due(endpoint.name, now, limit + lane.inFlight.size)
  const flying = new Set(lane.inFlight.values())
  const waiting = due.filter((delivery) => !flying.has(delivery.incident))
  const free = room(lane.gate, { now, inFlight: lane.inFlight.size, limit })
  await Promise.all(waiting.slice(0, free).map((delivery) => attempt(delivery, endpoint, { lane, courier })))
}

async function attempt(
  delivery: OwedDelivery,
  endpoint: Endpoint,
  { lane, courier }: { lane: Lane; courier: Courier },
): Promise<void> {
  lane.inFlight.set(delivery.id, delivery.incident)
  try {
    const { notification, ...owed } = delivery
    const channel = courier.channels.find(({ name }) => name === endpoint.channel)!
    const incident = courier.incidentUrl(delivery.incident)
    const request = channel.render(notification, endpoint.options, incident === undefined ? {} : { incident })
    const ended = await courier.send({ ...request, id: delivery.id, deadlineMs: courier.deadlineMs })
    const now = courier.clock()
    const verdict = judge(owed, ended, { now, dice: courier.dice() })
    const wasOpen = isCircuitOpen(lane.gate)
    const succeeded = ended.outcome === 'delivered'
    lane.gate = succeeded ? OPEN_GATE : afterFailure(lane.gate, now, verdict.pauseMs)
    courier.onAttempt({
      endpoint: endpoint.name,
      outcome: ended.outcome,
      state: verdict.delivery.state,
    })
    await courier.store.settle(verdict.delivery)
    if (verdict.isGone) await courier.store.disableEndpoint(endpoint.name, now)
    if (succeeded && wasOpen) await courier.store.hasten(endpoint.name, now)
  } finally {
    lane.inFlight.delete(delivery.id)
  }
}
