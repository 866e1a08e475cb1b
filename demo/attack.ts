import { FOREIGN_JA4, SIDECAR_JA4 } from './access-line.ts'
import { issuedLine, revokedLine } from './ca-line.ts'
import { certificateOf } from './certificates.ts'
import { type Connection, openConnection } from './connections.ts'
import { between, type Dice, diceFor } from './dice.ts'
import { type Seat, TAKE_UP_MS } from './fleet.ts'
import type { Attack } from './plan.ts'
import { CA_SOURCE, callOver, MESH_SOURCE, type Shop } from './shop.ts'
import { type Edge, quietEdge, type Topology } from './topology.ts'
import { writeCall } from './writer.ts'

/** One act of the attack: it may change the shop, and gives the row it leaves in a log. */
export interface Act {
  readonly time: number
  readonly source: string
  readonly play: (shop: Shop) => string | undefined
}

/** How long the holder's old connections are still used after the revocation, milliseconds. */
export const WITHDRAWN_AFTER_MS = 45_000

/** The shop with the two edges that the attack opens, in this order, at the end of its edges. */
export function withAttackEdges(topology: Topology, attack: Attack): Topology {
  const { edges } = topology
  const first = quietEdge({ caller: attack.compromised, callee: attack.firstTarget }, edges.length)
  const next = quietEdge({ caller: attack.firstTarget, callee: attack.nextTarget }, edges.length + 1)
  return { ...topology, edges: [...edges, first, next] }
}

/** The acts of an attack in order of time; `topology` is {@link withAttackEdges}. */
export function actsOf(topology: Topology, attack: Attack): Act[] {
  const dice = diceFor(topology.seed, 'attack')
  const [first, next] = topology.edges.slice(-2)
  const { times } = attack
  const acts = [
    ...reach(dice, first, times.firstCallAt, 18),
    ...reach(dice, next, times.nextCallAt, 12),
    ...pull(dice, attack),
    ...rotate(attack),
    ...keepOpen(attack),
    ...steal(topology.seed, dice, attack),
  ]
  return acts.sort((a, b) => a.time - b.time)
}

/** Some calls over an edge, the first at `from`, 8 to 14 seconds apart, with the caller's own certificate. */
function reach(dice: Dice, edge: Edge, from: number, count: number): Act[] {
  let time = from
  return Array.from({ length: count }, () => {
    const act = ordinaryCall(edge, time)
    time += between(dice, 8000, 14_000)
    return act
  })
}

/** 40 to 60 calls in each minute, each with a large answer. */
function pull(dice: Dice, { volumeEdge, times }: Attack): Act[] {
  const acts: Act[] = []
  for (let minute = times.volumeFrom; minute < times.volumeTo; minute += 60_000)
    for (let left = between(dice, 40, 60); left > 0; left--)
      acts.push(ordinaryCall(volumeEdge, minute + between(dice, 0, 59_999), between(dice, 150_000, 900_000)))
  return acts
}

function ordinaryCall(edge: Edge, time: number, bytesOut?: number): Act {
  return { time, source: MESH_SOURCE, play: (shop) => callOver(shop, edge, time, bytesOut) }
}

/** The victim gets another certificate and takes it into use; then a person revokes the old one. */
function rotate({ victim, times }: Attack): Act[] {
  const { pod } = victim
  const renewed = { pod, certificate: certificateOf(pod, 'emergency', times.renewedAt) }
  return [
    { time: times.renewedAt, source: CA_SOURCE, play: () => issuedLine('/rekey', renewed, times.renewedAt) },
    { time: times.renewedAt + TAKE_UP_MS, source: CA_SOURCE, play: (shop) => void takeUp(shop, renewed) },
    {
      time: times.revokedAt,
      source: CA_SOURCE,
      play: () => revokedLine(victim, times.revokedAt, '10.20.0.7'),
    },
  ]
}

function takeUp(shop: Shop, seat: Seat): void {
  const seats = shop.fleet.seats[seat.pod.slot.service.index]
  const at = seats.findIndex(({ pod }) => pod.key === seat.pod.key)
  if (at >= 0) seats[at] = seat
}

/** One connection from before the revocation that its holder goes on using for a while: legitimate. */
function keepOpen({ victim, stolenEdge, times }: Attack): Act[] {
  const openedAt = times.renewedAt - 30_000
  const own = { address: victim.pod.address, ja4: SIDECAR_JA4 }
  return sharedConnection(victim, stolenEdge, own, [
    openedAt,
    openedAt + 40_000,
    times.revokedAt + 12_000,
    times.revokedAt + 31_000,
  ])
}

/** A stranger uses the revoked certificate: two new connections from another address, by another TLS library. */
function steal(seed: number, dice: Dice, { victim, stolenEdge, times }: Attack): Act[] {
  const stranger = { address: `10.${96 + (seed % 32)}.4.${between(dice, 2, 250)}`, ja4: FOREIGN_JA4 }
  const stepMs = (times.stolenUseTo - times.stolenUseFrom) / 8
  const moments = Array.from({ length: 8 }, (_, i) => Math.floor(times.stolenUseFrom + i * stepMs))
  return [
    ...sharedConnection(victim, stolenEdge, stranger, moments.slice(0, 4)),
    ...sharedConnection(victim, stolenEdge, stranger, moments.slice(4)),
  ]
}

interface Peer {
  readonly address: string
  readonly ja4: string
}

/** Calls over one connection that the first of them opens with the victim's old certificate. */
function sharedConnection(victim: Seat, edge: Edge, peer: Peer, moments: readonly number[]): Act[] {
  let connection: Connection | undefined
  return moments.map((time) => ({
    time,
    source: MESH_SOURCE,
    play: (shop) => {
      const [callee] = shop.fleet.seats[edge.callee.index]
      connection ??= openConnection(shop.pool, [victim, callee], time, peer)
      return writeCall(shop.writer, { edge, connection, time })
    },
  }))
}
