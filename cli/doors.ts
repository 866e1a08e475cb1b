import type { Config } from '../domain/config/schema.ts'
import type { Route } from '../domain/route.ts'
import { type AccessToken, ROLE_PERMISSIONS } from '../io/http-access.ts'
import { type HttpServer, openHttpServer } from '../io/http-server.ts'
import type { Meter } from './meter.ts'
import type { Readiness } from './readiness.ts'
import { VERSION } from './version.ts'

/** Addresses that the process listens on. */
export interface Doors {
  readonly api?: string
  readonly intake?: string
  readonly metrics?: string
  close(): Promise<void>
}

export interface DoorSetup {
  readonly config: Config
  readonly apiRoutes: readonly Route[]
  readonly intakeRoutes: readonly Route[]
  readonly meter: Meter
  readonly readiness: Readiness
  readonly onError: (error: Error) => void
}

/**
 * Opens the ports that the configuration enables.
 * @throws WorldError when a port is taken, or another host than loopback has no token
 */
export async function openDoors(setup: DoorSetup): Promise<Doors> {
  const { config, meter } = setup
  const servers: { close(): Promise<void> }[] = []
  const api = config.api.enabled
    ? await listen(setup, servers, { at: config.api, routes: setup.apiRoutes, tokens: apiTokens(config) })
    : undefined
  const intake = config.intake.enabled
    ? await listen(setup, servers, {
        at: config.intake,
        routes: setup.intakeRoutes,
        tokens: intakeTokens(config),
      })
    : undefined
  const metrics = config.metrics.enabled
    ? `http://${config.metrics.host}:${await meter.metrics.listen(config.metrics)}/metrics`
    : undefined
  if (metrics !== undefined) servers.push(meter.metrics)
  return {
    ...(api === undefined ? {} : { api }),
    ...(intake === undefined ? {} : { intake }),
    ...(metrics === undefined ? {} : { metrics }),
    close: async () => {
      for (const server of servers) await server.close()
    },
  }
}

interface Door {
  readonly at: { readonly host: string; readonly port: number }
  readonly routes: readonly Route[]
  readonly tokens: readonly AccessToken[]
}

async function listen(setup: DoorSetup, servers: { close(): Promise<void> }[], door: Door): Promise<string> {
  const server: HttpServer = await openHttpServer({
    routes: door.routes,
    tokens: door.tokens,
    version: VERSION,
    notReady: () => setup.readiness.reasons(),
    onAnswer: ({ route, status }) =>
      setup.meter.metrics.count('api_requests_total', { route, code_class: `${Math.floor(status / 100)}xx` }),
    onError: setup.onError,
  })
  const port = await server.listen(door.at)
  servers.push(server)
  return `http://${door.at.host}:${port}`
}

function apiTokens({ api }: Config): AccessToken[] {
  return api.tokens.map(({ name, role, sha256 }) => ({ name, sha256, permissions: ROLE_PERMISSIONS[role] }))
}

function intakeTokens({ intake }: Config): AccessToken[] {
  return intake.tokens.map(({ name, sha256 }) => ({ name, sha256, permissions: ['send'] }))
}
