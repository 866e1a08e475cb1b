import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../analyzer/engine/engine.ts'
import type { IncidentStore } from '../domain/ports.ts'
import type { Metrics } from '../io/metrics.ts'
import { CANARY_STAGES } from './canary.ts'
import { coverageOf } from './coverage.ts'
import type { Watched } from './meter.ts'
import type { NewEdges } from './new-edges.ts'
import { NOT_READY_REASONS, type Readiness } from './readiness.ts'
import { createNamespaceScrape, type NamespaceScrape } from './scrape-namespaces.ts'
import { unresolvedIn } from './unresolved.ts'

/** A store that is slower does not hold up the scrape: its gauges are those of the last one until it answers. */
const STORE_PATIENCE_MS = 500

/** Sets, before a scrape, the gauges that are read from what the process has. */
export function createScrape(
  watched: Watched,
  readiness: Readiness,
  newEdges: NewEdges,
): (metrics: Metrics) => Promise<void> {
  const namespaces = createNamespaceScrape()
  let asking: Promise<void> | undefined
  return async (metrics) => {
    setEntities(metrics, watched.engines)
    namespaces.callers(metrics, watched.engines)
    setNewEdges(metrics, newEdges.bits())
    setCanaries(metrics, watched)
    setReadiness(metrics, readiness)
    for (const { detector, canEvaluate } of coverageOf(watched.feeds).detectors)
      metrics.set('detector_can_evaluate', canEvaluate ? 1 : 0, { detector })
    const circuits = watched.circuits?.() ?? []
    metrics.setAll(
      'circuit_open',
      circuits.map(([endpoint, isOpen]) => [{ endpoint }, isOpen ? 1 : 0] as const),
      Math.max,
    )
    if (watched.store === undefined) return
    asking ??= setIncidents(metrics, watched.store, namespaces).finally(() => {
      asking = undefined
    })
    await Promise.race([asking, sleep(STORE_PATIENCE_MS, undefined, { ref: false })])
  }
}

function setEntities(metrics: Metrics, engines: readonly Engine[]): void {
  const rows = (table: 'identities' | 'edges' | 'credentials' | 'connections') =>
    engines.reduce((sum, { state }) => sum + state[table].rows - state[table].free.length, 0)
  metrics.set('entities', rows('identities'), { kind: 'identity' })
  metrics.set('entities', rows('edges'), { kind: 'edge' })
  metrics.set('entities', rows('credentials'), { kind: 'credential' })
  metrics.set('entities', rows('connections'), { kind: 'connection' })
}

function setNewEdges(metrics: Metrics, edges: ReturnType<NewEdges['bits']>): void {
  const labelOf = metrics.rank('newEdges', edges)
  metrics.setAll(
    'new_edge_surprise',
    edges.map(([edge, bits]) => [{ edge: labelOf(edge) }, bits] as const),
    Math.max,
  )
}

function setCanaries(metrics: Metrics, { canary = {} }: Watched): void {
  for (const stage of CANARY_STAGES) {
    const stamp = canary[stage]
    if (stamp !== undefined) metrics.set('canary_timestamp_seconds', stamp / 1000, { stage })
  }
}

function setReadiness(metrics: Metrics, readiness: Readiness): void {
  const reasons = readiness.reasons()
  metrics.set('ready', reasons.length === 0 ? 1 : 0)
  for (const reason of NOT_READY_REASONS)
    metrics.set('not_ready', reasons.some((known) => known.reason === reason) ? 1 : 0, { reason })
}

const OF_STORE = [
  'incidents',
  'incident_oldest_open_timestamp_seconds',
  'delivery_queue_length',
  'delivery_oldest_timestamp_seconds',
] as const

/** A store that fails is no reason to be silent about all else. */
async function setIncidents(
  metrics: Metrics,
  store: IncidentStore,
  namespaces: NamespaceScrape,
): Promise<void> {
  try {
    const [counts, oldestOpen, outbox, unresolved] = await Promise.all([
      store.counts(),
      store.oldestOpen(),
      store.outbox(),
      unresolvedIn(store),
    ])
    namespaces.incidents(metrics, unresolved)
    const samples = counts.map(({ state, severity, count }) => [{ state, severity }, count] as const)
    metrics.setAll('incidents', samples, (a, b) => a + b)
    metrics.set('incident_oldest_open_timestamp_seconds', (oldestOpen ?? 0) / 1000)
    metrics.set('delivery_queue_length', outbox.owed)
    metrics.set('delivery_oldest_timestamp_seconds', (outbox.oldestCreatedAt ?? 0) / 1000)
  } catch {
    for (const name of OF_STORE) metrics.setUnknown(name)
    namespaces.incidents(metrics, undefined)
  }
}
