import { type AlerterConfig, quietMsOf } from '../domain/config/schema.ts'
import type { Finding } from '../domain/finding.ts'
import type { Sha256Hex } from '../domain/hash.ts'
import type { IncidentStore } from '../domain/ports.ts'
import type { Route } from '../domain/route.ts'
import { accept, tick } from './accept.ts'
import { incidentRoutes } from './api/routes.ts'
import { checkEndpoints } from './check-endpoints.ts'
import type { Committed, Desk } from './commit.ts'
import { type AttemptReport, type Courier, deliverDue, newLanes, type Send } from './deliver.ts'
import type { Endpoint } from './endpoint.ts'
import { isCircuitOpen } from './gate.ts'
import { CHANNELS, STAGES } from './registry.ts'

export interface AlerterSetup {
  readonly store: IncidentStore
  readonly endpoints: readonly Endpoint[]
  readonly options: AlerterConfig
  readonly send: Send
  readonly sha256Hex: Sha256Hex
  /** Keyed HMAC in lower-case hex: signs the cursors of lists. */
  readonly hmacHex: (text: string) => string
  /** Wall clock, epoch ms. */
  readonly clock: () => number
  /** Uniform in [0, 1). */
  readonly dice: () => number
  /** After incidents changed: facts for the analyzers, metrics, lines for a terminal. */
  readonly onChange: (change: Committed) => void
  readonly onAttempt: (attempt: AttemptReport) => void
}

export interface Alerter {
  /** Drops what is owed to endpoints that the configuration no longer names; once, before the first delivery. */
  forgetRemovedEndpoints(): Promise<void>
  /**
   * Takes findings into incidents, in the order in which they were said. The same findings again change nothing.
   * @param next offset behind them where they come from a log, stored with what they change
   */
  accept(findings: readonly Finding[], next?: number): Promise<Committed>
  /** Resolves what has been quiet for long enough at `time`, event time. */
  tick(time: number): Promise<Committed>
  /** Sends what is due; call it about once a second and after `accept`, without waiting for the last call. */
  deliverDue(): Promise<void>
  /** For each endpoint: whether its circuit is open. */
  circuits(): ReadonlyMap<string, boolean>
  /** The API, to be mounted on the HTTP server. */
  readonly routes: readonly Route[]
}

/**
 * Puts the alerter together: incidents, outbox, API. Starts no timer and opens nothing.
 * @throws Error when an endpoint names no channel or its options do not fit
 */
export function startAlerter(setup: AlerterSetup): Alerter {
  checkEndpoints(setup.endpoints, CHANNELS)
  const desk = deskOf(setup)
  const courier = courierOf(setup)
  const lanes = newLanes(setup.endpoints)
  return {
    forgetRemovedEndpoints: () => setup.store.keepEndpoints(setup.endpoints.map(({ name }) => name)),
    accept: (findings, next) => accept(desk, findings, next),
    tick: (time) => tick(desk, time),
    deliverDue: () => deliverDue(lanes, courier),
    circuits: () => new Map([...lanes].map(([name, { gate }]) => [name, isCircuitOpen(gate)])),
    routes: incidentRoutes(desk, setup.hmacHex),
  }
}

function deskOf(setup: AlerterSetup): Desk {
  const { options, sha256Hex } = setup
  return {
    ...setup,
    stages: STAGES,
    fold: { quietMs: quietMsOf(options), agreementMs: options.agreementMinutes * 60_000, sha256Hex },
  }
}

function courierOf(setup: AlerterSetup): Courier {
  const { options } = setup
  const base = options.publicUrl?.replace(/\/+$/, '')
  return {
    ...setup,
    channels: CHANNELS,
    inFlightPerEndpoint: options.inFlightPerEndpoint,
    deadlineMs: options.attemptSeconds * 1000,
    incidentUrl: (id) => (base === undefined ? undefined : `${base}/v1/incidents/${id}`),
  }
}
