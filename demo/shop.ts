import { issuedLine } from './ca-line.ts'
import { type ConnectionPool, connectionFor } from './connections.ts'
import { applyChange, type Change, type Fleet } from './fleet.ts'
import type { Edge } from './topology.ts'
import { type Writer, writeCall } from './writer.ts'

/** Names of the logs that a shop writes. */
export const MESH_SOURCE = 'mesh/inbound.jsonl'
export const CA_SOURCE = 'ca/step-ca.jsonl'

/** A running shop: what moves while it plays. */
export interface Shop {
  readonly fleet: Fleet
  readonly pool: ConnectionPool
  readonly writer: Writer
}

/** The row of a call that ends at `time` between two of the pods that serve then; none while one side has no pod. */
export function callOver(shop: Shop, edge: Edge, time: number, bytesOut?: number): string | undefined {
  const callers = shop.fleet.seats[edge.caller.index]
  const callees = shop.fleet.seats[edge.callee.index]
  if (callers.length === 0 || callees.length === 0) return undefined
  const chance = shop.writer.dice()
  const caller = callers[(chance & 0xffff) % callers.length]
  const callee = callees[(chance >>> 16) % callees.length]
  const connection = connectionFor(shop.pool, edge, [caller, callee], time)
  return writeCall(shop.writer, { edge, connection, time, bytesOut })
}

/** Applies a change of the fleet; an issued certificate leaves a row at the CA. */
export function changeShop(shop: Shop, change: Change): string | undefined {
  applyChange(shop.fleet, change)
  if (change.kind !== 'issued') return undefined
  return issuedLine(change.isFirst ? '/sign' : '/renew', change.seat, change.time)
}
