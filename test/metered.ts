import { startAlerter } from '../alerter/main.ts'
import { openEngines } from '../cli/engines.ts'
import { type Meter, openMeter, watchedBy } from '../cli/meter.ts'
import { createReadiness } from '../cli/readiness.ts'
import { collect, createCollector } from '../collector/collect.ts'
import { createFeed } from '../collector/feed.ts'
import type { IncidentStore, Source } from '../domain/ports.ts'
import { sha256Hex } from '../io/hash.ts'
import { openDatabase } from '../io/sqlite.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'
import { configOf } from './analyzer/play.ts'
import { memorySource } from './memory-source.ts'
import { testContext } from './raw-record.ts'

export const NOW = Date.UTC(2026, 5, 1)
const HOUR_MS = 3_600_000
const PAGER = { name: 'pager', channel: 'webhook', minimumSeverity: 'low', options: {}, secrets: [] } as const

const newStore = () => new SqliteIncidents(openDatabase(':memory:'))

const lineAt = (time: number) => JSON.stringify({ kind: 'call', time, caller: 'a', callee: 'b' })

/** A name with a slash is a partition of a topic. */
function sourceNamed(name: string): Source {
  const source = memorySource(name, [lineAt(NOW - HOUR_MS), lineAt(NOW + HOUR_MS)])
  return name.includes('/') ? Object.assign(source, { topic: name }) : source
}

/** A meter over sources of these names, each with one event of an hour ago and one of an hour ahead. */
export async function metered(
  names: readonly string[],
  more: readonly Source[] = [],
  store: IncidentStore = newStore(),
): Promise<Meter> {
  const sources = [...names.map(sourceNamed), ...more]
  const feeds = sources.map((source) => createFeed(source, 'auto', testContext()))
  const collector = createCollector(feeds, { partitions: 1, latenessMs: 0, wallClock: () => NOW })
  while ((await collect(collector)) !== undefined);
  const config = {
    ...configOf(),
    sources: [{ name: 'access.log', file: 'access.log', format: 'auto', start: 'beginning' as const }],
  }
  Object.assign(config.alerter, { endpoints: [PAGER] })
  const alerter = startAlerter({
    store,
    endpoints: [],
    options: config.alerter,
    send: async () => ({ outcome: 'delivered' }),
    sha256Hex,
    hmacHex: sha256Hex,
    clock: () => NOW,
    dice: () => 0,
    onChange: () => {},
    onAttempt: () => {},
  })
  const pipeline = { collector, engines: openEngines(config) }
  const watched = { ...watchedBy(pipeline), store, circuits: () => [...alerter.circuits()] }
  return openMeter({ config, watched, readiness: createReadiness(() => 0) })
}

/** Values of the series of one metric, by their labels. */
export async function valuesOf({ metrics }: Meter, name: string): Promise<Record<string, number>> {
  const lines = (await metrics.text())
    .split('\n')
    .filter((line) => new RegExp(`^meshwatch_${name}[{ ]`).test(line))
  return Object.fromEntries(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(`meshwatch_${name}`.length, space), Number(line.slice(space + 1))]
    }),
  )
}
