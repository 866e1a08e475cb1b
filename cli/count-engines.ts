import { takeLifetimesLeft } from '../analyzer/engine/credential-use.ts'
import type { Counters, Engine } from '../analyzer/engine/engine.ts'
import type { DEVIATIONS } from '../io/metric-catalogue.ts'
import type { Metrics } from '../io/metrics.ts'

const DEVIATION_COUNTS: Readonly<Record<(typeof DEVIATIONS)[number], keyof Counters>> = {
  caller: 'otherCaller',
  address: 'otherAddress',
  dormant: 'dormant',
}

/** Adds to the metrics what engines have counted since it last looked; they come and go with the partitions. */
export function engineCounter(metrics: Metrics, engines: () => readonly Engine[]): () => void {
  const seen = new WeakMap<Engine, Counters>()
  return () => {
    for (const engine of engines()) {
      const before = seen.get(engine)
      const since = (count: keyof Counters) => engine.counters[count] - (before?.[count] ?? 0)
      metrics.count('late_events_total', {}, since('late'))
      for (const [deviation, count] of Object.entries(DEVIATION_COUNTS))
        metrics.count('credential_uses_outside_baseline_total', { deviation }, since(count))
      for (const left of takeLifetimesLeft(engine))
        metrics.observe('credential_lifetime_left_seconds', Math.max(0, left) / 1000)
      seen.set(engine, { ...engine.counters })
    }
  }
}
