import { createEngine, type Engine } from '../analyzer/engine/engine.ts'
import { detectors } from '../analyzer/registry.ts'
import { type Config, quietMsOf } from '../domain/config/schema.ts'
import { sha256Hex } from '../io/hash.ts'

/** One engine without memory for each stream partition, with the detectors that the configuration leaves enabled. */
export function openEngines(config: Config): Engine[] {
  const { alerter, analyzer, stream } = config
  const options = analyzer.detectors as Readonly<Record<string, { readonly enabled: boolean }>>
  return Array.from({ length: stream.partitions }, (_, partition) =>
    createEngine({
      partition,
      partitions: stream.partitions,
      latenessMs: analyzer.latenessMs,
      maxEdges: analyzer.maxEdges,
      maxIdentities: analyzer.maxIdentities,
      maxCredentials: analyzer.maxCredentials,
      maxConnections: analyzer.maxConnections,
      expireIdleDays: analyzer.expireIdleDays,
      findingsPerDay: analyzer.budget.findingsPerDay,
      incidentsPerDay: analyzer.budget.incidentsPerDay,
      quietMs: quietMsOf(alerter),
      agreementMs: alerter.agreementMinutes * 60_000,
      detectors: detectors.filter(({ name }) => options[name]?.enabled !== false),
      detectorOptions: options,
      sha256Hex,
    }),
  )
}
