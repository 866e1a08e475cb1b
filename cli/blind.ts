import type { Feed } from '../collector/feed.ts'
import { coverageOf, type DetectorCoverage } from './coverage.ts'

/** Detectors that cannot evaluate what the sources have sent so far; none before the first record. */
export function blindDetectors(feeds: readonly Feed[]): readonly DetectorCoverage[] {
  if (feeds.every(({ counts }) => counts.records === 0)) return []
  return coverageOf(feeds).detectors.filter(({ canEvaluate }) => !canEvaluate)
}

/** `volume (no callee), new-edge (no caller, no callee)`. */
export function blindText(blind: readonly DetectorCoverage[]): string {
  return blind.map(({ detector, lacks }) => `${detector} (no ${lacks.join(', no ')})`).join(', ')
}
