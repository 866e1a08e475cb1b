/** What stands between the outbox and one endpoint: a pause it asked for, or the circuit that its failures opened. */
export interface Gate {
  /** Failures since the last success. */
  readonly failures: number
  /** Wall clock, epoch ms, before which nothing is sent. */
  readonly closedUntil: number
}

export const OPEN_GATE: Gate = { failures: 0, closedUntil: 0 }

const FAILURES_TO_OPEN = 5
const PROBE_MS = 15_000

/** True while only a probe now and then goes to the endpoint. */
export function isCircuitOpen(gate: Gate): boolean {
  return gate.failures >= FAILURES_TO_OPEN
}

/** How many more deliveries may start now. */
export function room(gate: Gate, load: { now: number; inFlight: number; limit: number }): number {
  if (load.now < gate.closedUntil) return 0
  const limit = isCircuitOpen(gate) ? 1 : load.limit
  return Math.max(0, limit - load.inFlight)
}

export function afterFailure(gate: Gate, now: number, pauseMs: number): Gate {
  const failures = gate.failures + 1
  const wait = failures >= FAILURES_TO_OPEN ? Math.max(pauseMs, PROBE_MS) : pauseMs
  return { failures, closedUntil: Math.max(gate.closedUntil, now + wait) }
}
