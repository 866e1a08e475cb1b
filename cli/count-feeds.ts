import { type Feed, formatOf } from '../collector/feed.ts'
import type { Config } from '../domain/config/schema.ts'
import type { Source } from '../domain/ports.ts'
import { intakeSource } from '../io/intake-route.ts'
import type { Metrics } from '../io/metrics.ts'

/** Name under which a source is configured, by what its feeds are called: a name, or a topic. */
export type ConfiguredNames = ReadonlyMap<string, string>

/** Sources of the configuration, and senders over HTTP that have a token of their own. */
export function configuredNames({ sources, intake }: Config): ConfiguredNames {
  const senders = intake.enabled ? intake.tokens.map(({ name }) => intakeSource(name)) : []
  return new Map([
    ...sources.map(
      ({ name, kafka, file }) => [kafka?.topic ?? (file === undefined ? 'stdin' : name), name] as const,
    ),
    ...senders.map((name) => [name, name] as const),
  ])
}

/** Counts of the feeds when they were last looked at. */
export type SeenCounts = WeakMap<Feed, Counted>

interface Counted {
  readonly records: number
  readonly events: number
  readonly unchanged: number
}

interface Counting {
  readonly names: ConfiguredNames
  readonly seen: SeenCounts
}

/** Adds to the metrics what the feeds have read since. */
export function countFeeds(metrics: Metrics, feeds: readonly Feed[], { names, seen }: Counting): void {
  for (const feed of feeds) {
    const before = seen.get(feed) ?? { records: 0, events: 0, unchanged: 0 }
    const records = feed.counts.records - before.records
    const { unchanged = 0 } = feed.source
    const isAlive = records > 0 || unchanged > before.unchanged
    if (!isAlive && feed.counts.events === before.events) continue
    const name = names.get(nameOf(feed.source))
    const labels = { source_kind: kindOf(feed.source), format: formatOf(feed) }
    metrics.count('events_received_total', labels, records)
    metrics.count('events_accepted_total', {}, feed.counts.events - before.events)
    if (isAlive && name !== undefined)
      metrics.set('source_last_record_timestamp_seconds', Date.now() / 1000, { source: name })
    seen.set(feed, { ...feed.counts, unchanged })
  }
}

function nameOf(source: Source): string {
  return 'topic' in source ? String(source.topic) : source.name
}

function kindOf(source: Source): string {
  if (source.name.startsWith('http:')) return 'http'
  if ('topic' in source) return 'kafka'
  return source.name === 'stdin' ? 'stdin' : 'file'
}
