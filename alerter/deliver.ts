import type { AttemptOutcome, DeliveryState, OwedDelivery } from '../domain/incident.ts'
import type { IncidentStore } from '../domain/ports.ts'
import type { Channel, ChannelRequest } from './channel.ts'
import type { Endpoint } from './endpoint.ts'
import { afterFailure, type Gate, isCircuitOpen, OPEN_GATE, room } from './gate.ts'
import { type Attempt, judge, type Verdict } from './judge.ts'

/** Sends one request. Never throws: how it ended is the answer. */
export type Send = (
  request: ChannelRequest & { readonly id: string; readonly deadlineMs: number },
) => Promise<Attempt>

/** What became of one attempt, for metrics and a terminal. */
export interface AttemptReport {
  readonly incident: string
  readonly endpoint: string
  readonly outcome: AttemptOutcome
  /** Of the delivery after it: still owed, delivered or failed for good. */
  readonly state: DeliveryState
  /** Made for the delivery so far. */
  readonly attempts: number
  /** For this long the endpoint asked to be left alone; 0 when it did not. */
  readonly pauseMs: number
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
  /** Outcomes that the store has not taken yet: what was sent is not sent again because of that. */
  readonly unsettled: Set<Outcome>
}

interface Outcome {
  readonly verdict: Verdict
  readonly endpoint: string
  readonly time: number
  /** True when the endpoint answers again after its circuit was open. */
  readonly isBack: boolean
}

export function newLanes(endpoints: readonly Endpoint[]): Lanes {
  return new Map(
    endpoints.map(({ name }) => [name, { gate: OPEN_GATE, inFlight: new Map(), unsettled: new Set() }]),
  )
}

/**
 * Starts what is due and may start, at every endpoint on its own, so that a slow one holds up no other. May be called
 * again before it returns.
 * @returns when the attempts that it started have ended
 */
export async function deliverDue(lanes: Lanes, courier: Courier): Promise<void> {
  for (const lane of lanes.values()) await settleAll(lane, courier.store)
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
  const ended = await sendTo(endpoint, delivery, courier).catch((error) => {
    lane.inFlight.delete(delivery.id)
    throw error
  })
  const { notification: _, ...owed } = delivery
  const time = courier.clock()
  const verdict = judge(owed, ended, { now: time, dice: courier.dice() })
  const wasOpen = isCircuitOpen(lane.gate)
  const succeeded = ended.outcome === 'delivered'
  lane.gate = succeeded ? OPEN_GATE : afterFailure(lane.gate, time, verdict.pauseMs)
  const { pauseMs, delivery: after } = verdict
  const { incident, state, attempts } = after
  courier.onAttempt({ incident, endpoint: endpoint.name, outcome: ended.outcome, state, attempts, pauseMs })
  lane.unsettled.add({ verdict, endpoint: endpoint.name, time, isBack: succeeded && wasOpen })
  await settleAll(lane, courier.store)
}

async function sendTo(
  { channel: name, options }: Endpoint,
  { id, incident, notification }: OwedDelivery,
  { channels, send, incidentUrl, deadlineMs }: Courier,
): Promise<Attempt> {
  const channel = channels.find((known) => known.name === name)!
  const url = incidentUrl(incident)
  const request = channel.render(notification, options, url === undefined ? {} : { incident: url })
  return send({ ...request, id, deadlineMs })
}

/** Writes outcomes down; what the store refuses stays to be tried again, and stays in flight. */
async function settleAll({ unsettled, inFlight }: Lane, store: IncidentStore): Promise<void> {
  for (const outcome of unsettled) {
    const { verdict, endpoint, time, isBack } = outcome
    await store.settle(verdict.delivery)
    if (verdict.isGone) await store.disableEndpoint(endpoint, time)
    if (isBack) await store.hasten(endpoint, time)
    unsettled.delete(outcome)
    inFlight.delete(verdict.delivery.id)
  }
}
