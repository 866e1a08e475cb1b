import { type Certificate, certificateNumberAt, certificateOf, issueTimeOf } from './certificates.ts'
import { type Pod, podsOf, type Slot, slotsOf } from './pods.ts'
import type { Topology } from './topology.ts'

/** A pod that serves, with the certificate it shows on new connections. */
export interface Seat {
  readonly pod: Pod
  readonly certificate: Certificate
}

/** What happens to a slot: the CA issues, the pod takes the certificate into use, the pod goes away. */
export type Change =
  | { readonly kind: 'issued'; readonly time: number; readonly seat: Seat; readonly isFirst: boolean }
  | { readonly kind: 'in use'; readonly time: number; readonly seat: Seat }
  | { readonly kind: 'gone'; readonly time: number; readonly pod: Pod }

/** From issuing to the first new connection, milliseconds: longer than any call, so no call begins before. */
export const TAKE_UP_MS = 10_000

/**
 * The changes of a slot from `from` on, in order, without end. What was issued earlier and is in use at `from`
 * comes first, as if it were issued then.
 */
export function* changesOf(slot: Slot, from: number): Generator<Change> {
  for (const pod of podsOf(slot, from)) {
    let number = pod.bornAt > from ? 0 : certificateNumberAt(pod, from)
    for (; ; number++) {
      const issuedAt = issueTimeOf(pod, number)
      if (number > 0 && issuedAt > from && issuedAt + TAKE_UP_MS >= pod.endsAt) break
      const seat = { pod, certificate: certificateOf(pod, `${number}`, issuedAt) }
      const isPast = issuedAt <= from
      yield { kind: 'issued', time: Math.max(issuedAt, from), seat, isFirst: isPast || number === 0 }
      yield { kind: 'in use', time: isPast ? from : issuedAt + TAKE_UP_MS, seat }
    }
    if (!pod.isReplaced) yield { kind: 'gone', time: pod.endsAt, pod }
  }
}

/** All pods at a moment that moves forward. */
export interface Fleet {
  /** By service index. */
  readonly seats: Seat[][]
  readonly queues: { readonly changes: Generator<Change>; next: Change }[]
}

/**
 * The fleet before its first change at `start`.
 * @param newProductAt when the new services come into being, epoch ms
 */
export function fleetOf(topology: Topology, start: number, newProductAt: number): Fleet {
  const queues = slotsOf(topology.seed, topology.services).map((slot) => {
    const changes = changesOf(slot, slot.service.isNew ? Math.max(start, newProductAt) : start)
    return { changes, next: changes.next().value as Change }
  })
  return { seats: topology.services.map(() => []), queues }
}

/** Takes the changes before `until` out of the fleet, in order of time; they are not applied yet. */
export function changesBefore(fleet: Fleet, until: number): Change[] {
  const due: Change[] = []
  for (const queue of fleet.queues) {
    while (queue.next.time < until) {
      due.push(queue.next)
      queue.next = queue.changes.next().value as Change
    }
  }
  return due.sort((a, b) => a.time - b.time)
}

/** Applies a change: what `seats` says from now on. */
export function applyChange(fleet: Fleet, change: Change): void {
  if (change.kind === 'issued') return
  const { slot } = change.kind === 'gone' ? change.pod : change.seat.pod
  const seats = fleet.seats[slot.service.index]
  const at = seats.findIndex(({ pod }) => pod.slot.number === slot.number)
  if (change.kind === 'gone') {
    if (at >= 0) seats.splice(at, 1)
  } else if (at >= 0) seats[at] = change.seat
  else seats.push(change.seat)
}
