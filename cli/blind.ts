import { detectors } from '../analyzer/registry.ts'
import type { Feed } from '../collector/feed.ts'
import { lacking } from '../domain/visibility.ts'

/** A detector that cannot evaluate anything, and what no source has shown so far. */
export interface BlindDetector {
  readonly detector: string
  readonly lacks: readonly string[]
}

/** Detectors that cannot evaluate what the sources have sent so far; none before the first event. */
export function blindDetectors(feeds: readonly Feed[]): BlindDetector[] {
  const shown = feeds.reduce((all, feed) => all | feed.shown, 0)
  if (shown === 0) return []
  return detectors
    .map(({ name, needs }) => ({ detector: name, lacks: lacking(needs, shown) }))
    .filter(({ lacks }) => lacks.length > 0)
}
