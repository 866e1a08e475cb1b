import { createEngine, type Engine } from '../analyzer/engine/engine.ts'
import { detectors } from '../analyzer/registry.ts'
import { type Config, quietMsOf } from '../domain/config/schema.ts'
import { sha256Hex } from '../io/hash.ts'

/** One engine without memory for each stream partition, with the detectors that the configuration leaves enabled. */
export function openEngines(config: Config): Engine[] {
  const { partitions } = config.stream
  return Array.from({ length: partitions }, (_, partition) => openEngine(config, partition, partitions))
}

/** An engine without memory for one of so many partitions. */
export function openEngine(config: Config, partition: number, partitions: number): Engine {
  const { alerter, analyzer } = config
  const options = analyzer.detectors as Readonly<Record<string, { readonly enabled: boolean }>>
  return createEngine({
    partition,
    partitions,
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
  })
}
