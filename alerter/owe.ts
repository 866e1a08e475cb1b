import { derivedId, type Sha256Hex } from '../domain/hash.ts'
import type { Delivery, IncidentEvent, OwedDelivery } from '../domain/incident.ts'
import type { Endpoint } from './endpoint.ts'
import { eventOf, type Update } from './life.ts'
import { notificationOf } from './notification.ts'
import { passAll, type Stage } from './stage.ts'

/** Where notifications may go, and what there is to know about it. */
export interface Routing {
  readonly endpoints: readonly Endpoint[]
  readonly stages: readonly Stage[]
  readonly disabled: ReadonlySet<string>
  readonly sha256Hex: Sha256Hex
  /** Wall clock, epoch ms. */
  readonly now: number
}

export interface Owed {
  readonly deliveries: readonly OwedDelivery[]
  /** Earlier deliveries that these replace. */
  readonly superseded: readonly Delivery[]
}

/**
 * What is owed to each endpoint because of one update. Only the newest version of an incident is worth sending, so an
 * older delivery that has not arrived is superseded; one that is dropped is kept with its reason.
 * @param earlier deliveries of the same incident
 */
export function owe(update: Update, earlier: readonly Delivery[], routing: Routing): Owed {
  const event = eventOf(update)
  if (event === undefined) return { deliveries: [], superseded: [] }
  const deliveries: OwedDelivery[] = []
  const superseded: Delivery[] = []
  for (const endpoint of routing.endpoints) {
    const unsent = earlier.filter((each) => each.endpoint === endpoint.name && each.state === 'owed')
    superseded.push(...unsent)
    deliveries.push(deliveryTo(endpoint, update, { event: eventFor(event, unsent), routing }))
  }
  return { deliveries, superseded }
}

/** Who was never told that the incident opened is told so now, whatever has changed since. */
function eventFor(event: IncidentEvent, unsent: readonly Delivery[]): IncidentEvent {
  const missedOpening = unsent.some((each) => each.type === 'incident.opened')
  return event === 'incident.updated' && missedOpening ? 'incident.opened' : event
}

function deliveryTo(
  endpoint: Endpoint,
  { after }: Update,
  { event, routing }: { event: IncidentEvent; routing: Routing },
): OwedDelivery {
  const notification = notificationOf(after, event)
  const passed = passAll(routing.stages, notification, {
    endpoint,
    isDisabled: routing.disabled.has(endpoint.name),
  })
  const delivery = {
    id: derivedId(routing.sha256Hex, [after.id, String(after.version), endpoint.name]),
    endpoint: endpoint.name,
    incident: after.id,
    version: after.version,
    severity: after.severity,
    type: event,
    attempts: 0,
    dueAt: routing.now,
    createdAt: routing.now,
    notification,
  }
  return 'dropped' in passed
    ? { ...delivery, state: 'dropped', lastError: passed.dropped }
    : { ...delivery, state: 'owed', notification: passed.notification }
}
