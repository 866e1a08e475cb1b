import { join } from 'node:path'
import type { Incident } from '../domain/incident.ts'
import { randomKey } from '../io/hash.ts'
import { openDatabase } from '../io/sqlite.ts'
import { sqliteCheckpoints } from '../io/sqlite-checkpoints.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'
import { sqliteRejects } from '../io/sqlite-rejects.ts'
import { startWebhookReceiver } from '../io/webhook-receiver.ts'
import { coverageOf } from './coverage.ts'
import { coverageRoute } from './coverage-route.ts'
import { demoConfig } from './demo-config.ts'
import { demoScreen, type Screen } from './demo-screen.ts'
import { type DemoSources, demoSources } from './demo-source.ts'
import { openDemoStation } from './demo-station.ts'
import { type DemoTimes, demoTimes } from './demo-times.ts'
import { openDoors } from './doors.ts'
import type { Meter } from './meter.ts'
import { createReadiness } from './readiness.ts'
import type { Station } from './station.ts'

/** A shop, what watches it, and who is told. */
export interface Demo {
  readonly station: Station
  readonly shop: DemoSources
  readonly screen: Screen
  readonly meter: Meter
  readonly times: DemoTimes
  /** As they are now, by id. */
  readonly incidents: Map<string, Incident>
  close(): Promise<void>
}

/** @param folder for its database */
export async function openDemo(folder: string, seed: number): Promise<Demo> {
  const screen = demoScreen(seed)
  const times = demoTimes(Date.now())
  const shop = demoSources({ seed, start: times.start, attackStart: times.attackStart })
  const database = openDatabase(join(folder, 'meshwatch.db'))
  const secret = `whsec_${Buffer.from(randomKey()).toString('base64')}`
  const receiver = await startWebhookReceiver(secret, (received) => screen.page(received))
  const config = demoConfig(receiver.url)
  const readiness = createReadiness(() => performance.now())
  const { station, meter } = await openDemoStation({
    config,
    sources: shop.sources,
    ports: {
      checkpoints: sqliteCheckpoints(database),
      incidents: new SqliteIncidents(database),
      rejects: sqliteRejects(database),
    },
    secret,
    readiness,
  })
  const { alerter, pipeline } = station
  const doors = await openDoors({
    config,
    apiRoutes: [...alerter.routes, coverageRoute(() => coverageOf(pipeline.collector.feeds))],
    intakeRoutes: [],
    meter,
    readiness,
    onError: (error) => screen.trouble(error),
  })
  readiness.clear('starting')
  screen.open(doors)
  const close = async () => {
    await doors.close()
    await receiver.close()
    database.close()
  }
  return { station, shop, screen, meter, times, incidents: new Map(), close }
}
