import { createCollector } from '../collector/collect.ts'
import { createFeed } from '../collector/feed.ts'
import { createMemo } from '../collector/memo.ts'
import type { Config } from '../domain/config/schema.ts'
import type { Source } from '../domain/ports.ts'
import { sha256Hex } from '../io/hash.ts'
import { openEngines } from './engines.ts'
import type { Pipeline } from './pipeline.ts'

/** Reads the sources of the shop like any log: nobody tells it their formats. */
export function openDemoPipeline(config: Config, sources: readonly Source[]): Pipeline {
  const feeds = sources.map((source) =>
    createFeed(source, 'auto', {
      source: source.name,
      trustDomain: config.trustDomain,
      hmac: (text) => sha256Hex(text),
      memo: createMemo(),
    }),
  )
  const collector = createCollector(feeds, {
    partitions: config.stream.partitions,
    latenessMs: config.analyzer.latenessMs,
  })
  return { collector, engines: openEngines(config) }
}
