import { type ConnectionText, connectionText, SIDECAR_JA4 } from './access-line.ts'
import { MINUTE_MS } from './curve.ts'
import { between, type Dice, fraction } from './dice.ts'
import type { Seat } from './fleet.ts'
import type { Pod } from './pods.ts'
import { MAX_PODS } from './services.ts'
import type { Edge, Topology } from './topology.ts'

/** A kept-alive connection between two pods; it shows the certificate it was opened with until it is closed. */
export interface Connection {
  readonly caller: Pod
  readonly callee: Pod
  /** Epoch ms after which a call opens another. */
  readonly closesAt: number
  readonly text: ConnectionText
}

/** The open connections of the shop. */
export interface ConnectionPool {
  /** By edge index, then by the two slots. */
  readonly open: (Connection | undefined)[][]
  /** By service index: the number of the callee's last connection. */
  readonly lastIds: number[]
  readonly dice: Dice
  /** A certificate whose connections are closed in good time, because its owner knows that it was revoked. */
  readonly withdrawn?: { readonly serialHex: string; readonly closesAt: number }
}

export function connectionPool(
  topology: Topology,
  dice: Dice,
  withdrawn?: ConnectionPool['withdrawn'],
): ConnectionPool {
  return {
    open: topology.edges.map(() => []),
    lastIds: topology.services.map(() => between(dice, 1000, 9000)),
    dice,
    withdrawn,
  }
}

/** The connection that a call between two pods at `time` goes over: the open one, else a new one. */
export function connectionFor(
  pool: ConnectionPool,
  edge: Edge,
  ends: readonly [Seat, Seat],
  time: number,
): Connection {
  const [caller, callee] = ends
  const place = caller.pod.slot.number * MAX_PODS + callee.pod.slot.number
  const connections = pool.open[edge.index]
  const open = connections[place]
  if (open !== undefined && open.caller === caller.pod && open.callee === callee.pod && time < open.closesAt)
    return open
  const opened = openConnection(pool, ends, time)
  connections[place] = opened
  return opened
}

/** A new connection, from the caller's own address unless another peer (and its TLS library) is named. */
export function openConnection(
  pool: ConnectionPool,
  [caller, callee]: readonly [Seat, Seat],
  time: number,
  peer = { address: caller.pod.address, ja4: SIDECAR_JA4 },
): Connection {
  const { certificate } = caller
  const liveMs = (4 + 50 * fraction(pool.dice) ** 2) * MINUTE_MS
  const withdrawn = certificate.serialHex === pool.withdrawn?.serialHex ? pool.withdrawn : undefined
  const service = callee.pod.slot.service
  const id = pool.lastIds[service.index] + between(pool.dice, 1, 3)
  pool.lastIds[service.index] = id
  return {
    caller: caller.pod,
    callee: callee.pod,
    closesAt: Math.min(time + liveMs, withdrawn?.closesAt ?? Number.POSITIVE_INFINITY),
    text: connectionText({
      id,
      caller: caller.pod.slot.service,
      callee: service,
      from: `${peer.address}:${between(pool.dice, 32768, 60999)}`,
      to: callee.pod.address,
      certificate,
      ja4: peer.ja4,
    }),
  }
}
