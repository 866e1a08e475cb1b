import type { Config } from '../domain/config/schema.ts'
import type { Route } from '../domain/route.ts'
import { type AccessToken, ROLE_PERMISSIONS } from '../io/http-access.ts'
import { openHttpServer } from '../io/http-server.ts'
import { listenError } from '../io/world-error.ts'
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
  readonly onError: (error: Error, requestId: string) => void
}

/** Routes that every HTTP server has of itself. */
const COMMON_ROUTES = ['/livez', '/readyz', '/v1/openapi.json'] as const

const SECTIONS = ['api', 'intake', 'metrics'] as const
type Section = (typeof SECTIONS)[number]

/**
 * Opens the ports that the configuration enables, or none of them.
 * @throws WorldError when a port cannot be had, or another host than loopback has no token
 */
export async function openDoors(setup: DoorSetup): Promise<Doors> {
  const { config, meter } = setup
  const routes = [...setup.apiRoutes, ...setup.intakeRoutes].map(({ url }) => url)
  meter.metrics.know('routes', [...new Set([...routes, ...COMMON_ROUTES])])
  const opened: { close(): Promise<void> }[] = []
  const close = async () => {
    for (const door of opened.splice(0)) await door.close()
  }
  const addresses: Partial<Record<Section, string>> = {}
  try {
    for (const section of SECTIONS.filter((each) => config[each].enabled)) {
      const door = await createDoor(setup, section)
      opened.push(door)
      addresses[section] = await listen(door, section, config)
    }
  } catch (error) {
    await close()
    throw error
  }
  return { ...addresses, close }
}

interface Door {
  listen(at: { readonly host: string; readonly port: number }): Promise<number>
  close(): Promise<void>
}

async function createDoor({ config, ...setup }: DoorSetup, section: Section): Promise<Door> {
  const { meter } = setup
  if (section === 'metrics') return meter.metrics
  return openHttpServer({
    routes: section === 'api' ? setup.apiRoutes : setup.intakeRoutes,
    tokens: section === 'api' ? apiTokens(config) : intakeTokens(config),
    version: VERSION,
    notReady: () => setup.readiness.reasons(),
    onAnswer: ({ route, status }) =>
      meter.metrics.count('api_requests_total', { route, code_class: `${Math.floor(status / 100)}xx` }),
    onError: setup.onError,
  })
}

async function listen(door: Door, section: Section, config: Config): Promise<string> {
  const { host } = config[section]
  try {
    const port = await door.listen(config[section])
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}${section === 'metrics' ? '/metrics' : ''}`
  } catch (error) {
    throw listenError(section, config[section], error)
  }
}

function apiTokens({ api }: Config): AccessToken[] {
  return api.tokens.map(({ name, role, sha256 }) => ({ name, sha256, permissions: ROLE_PERMISSIONS[role] }))
}

function intakeTokens({ intake }: Config): AccessToken[] {
  return intake.tokens.map(({ name, sha256 }) => ({ name, sha256, permissions: ['send'] }))
}
