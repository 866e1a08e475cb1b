import type { Alerter } from '../../alerter/main.ts'
import type { Config } from '../../domain/config/schema.ts'
import type { Route } from '../../domain/route.ts'
import { Redis } from '../../io/redis.ts'
import { coverageOf } from '../coverage.ts'
import { coverageRoute } from '../coverage-route.ts'
import { type Doors, openDoors } from '../doors.ts'
import { stopOnSignal } from '../stop-on-signal.ts'
import { alerterOver, runAlerter } from './alerter.ts'
import { runAnalyzer } from './analyzer.ts'
import { apiStore } from './api-store.ts'
import { runCollector } from './collector.ts'
import { type Intake, openIntake } from './intake.ts'
import { openRole, type Role, type RoleName, waitForTopics } from './role.ts'

const RUN: Readonly<Record<RoleName, (role: Role, intake: Intake | undefined) => Promise<void>>> = {
  collector: async (role, intake) => intake && runCollector(role, intake),
  analyzer: runAnalyzer,
  alerter: runAlerter,
}

/** Incidents are asked of an alerter, and what can be seen of a collector, about what it reads. */
const API_ROUTES: Readonly<Record<RoleName, (role: Role, desk: Desk | undefined) => readonly Route[]>> = {
  collector: ({ watched }) => [coverageRoute(() => coverageOf(watched.feeds))],
  analyzer: () => [],
  alerter: (_, desk) => desk?.alerter.routes ?? [],
}

/**
 * `meshwatch run --role`: one part of the work until SIGINT or SIGTERM.
 * @param prepare changes the role before it begins to work
 * @throws Error when the configuration lacks what roles need, or the role cannot go on
 */
export async function runRole(
  name: RoleName,
  config: Config,
  prepare: (role: Role) => Role = (role) => role,
): Promise<void> {
  const stopping = new AbortController()
  const role = prepare(await openRole(name, config, stopping.signal))
  const desk = name === 'alerter' ? openDesk(role) : undefined
  const intake = name === 'collector' ? openIntake(role) : undefined
  if (desk !== undefined) role.watched.store = desk.store
  const ended = Promise.withResolvers<void>()
  stopOnSignal(() => {
    role.readiness.set('stopping', 'the process was told to stop')
    stopping.abort()
    return ended.promise
  })
  const doors = await openDoors({
    config: {
      ...config,
      intake: { ...config.intake, enabled: config.intake.enabled && intake !== undefined },
    },
    apiRoutes: API_ROUTES[name](role, desk),
    intakeRoutes: intake?.routes ?? [],
    meter: role.meter,
    readiness: role.readiness,
    onError: (error, requestId) => role.log('error', 'a request failed', { error: error.message, requestId }),
  })
  role.log('info', 'started', { instance: role.instance, ...addresses(doors) })
  try {
    await waitForTopics(role)
    if (!stopping.signal.aborted) await RUN[name](role, intake)
    role.log('info', 'stopped')
  } finally {
    await doors.close()
    await role.close()
    desk?.redis.close()
    intake?.close()
    ended.resolve()
  }
}

const addresses = ({ api, intake, metrics }: Omit<Doors, 'close'>) => ({ api, intake, metrics })

interface Desk {
  readonly redis: Redis
  readonly store: ReturnType<typeof apiStore>
  readonly alerter: Alerter
}

/** The API of every alerter is over the incidents of all. */
function openDesk(role: Role): Desk {
  const redis = new Redis({ config: role.config.redis, log: role.log })
  const store = role.meter.stored('incidents', apiStore(role, redis))
  return { redis, store, alerter: alerterOver(role, store) }
}
