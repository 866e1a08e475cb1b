import { detectors } from '../analyzer/registry.ts'
import { type Feed, formatOf } from '../collector/feed.ts'
import type { Parser } from '../collector/parser.ts'
import { parserNamed } from '../collector/registry.ts'
import { bitsOf, lacking, type Visibility, visibilitiesOf } from '../domain/visibility.ts'

/** What the sources show, and which detectors that is enough for. */
export interface Coverage {
  readonly detectors: readonly DetectorCoverage[]
  readonly sources: readonly SourceCoverage[]
}

export interface DetectorCoverage {
  readonly detector: string
  readonly canEvaluate: boolean
  /** What the detector needs and no source has shown. */
  readonly lacks: readonly Visibility[]
}

export interface SourceCoverage {
  readonly source: string
  /** `auto` until the first record was recognised. */
  readonly format: string
  readonly records: number
  readonly events: number
  readonly rejects: number
  readonly shows: readonly Visibility[]
}

/** Of the sources as they are now; before the first event no detector can evaluate anything. */
export function coverageOf(feeds: readonly Feed[]): Coverage {
  const shown = feeds.reduce((all, feed) => all | shownOf(feed), 0)
  return {
    detectors: detectors.map(({ name, needs }) => {
      const lacks = lacking(needs, shown)
      return { detector: name, canEvaluate: lacks.length === 0, lacks }
    }),
    sources: feeds.map((feed) => ({
      source: feed.source.name,
      format: formatOf(feed),
      ...feed.counts,
      shows: visibilitiesOf(shownOf(feed)),
    })),
  }
}

function shownOf(feed: Feed): number {
  const parser = parserNamed(formatOf(feed))
  const wasRead = feed.counts.records > feed.counts.rejects
  return wasRead && parser !== undefined ? feed.shown | shownAlways(parser) : feed.shown
}

/**
 * What a source of a format shows however little is in it. A format without calls is the word of an authority: when
 * it says nothing of a revocation there was none, which is not the same as not being told.
 */
export function shownAlways({ carries }: Parser): number {
  return carries.includes('callee') ? 0 : bitsOf(carries)
}
