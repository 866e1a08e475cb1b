import type { Engine } from '../analyzer/engine/engine.ts'
import type { Feed } from '../collector/feed.ts'
import { blindDetectors, blindText } from './blind.ts'

export interface Replayed {
  readonly feeds: readonly Feed[]
  readonly rejects: ReadonlyMap<string, number>
  readonly found: ReadonlyMap<string, number>
  readonly engines: readonly Engine[]
  readonly seconds: number
}

/** What a replay did, in a few lines for a person. */
export function summarise({ feeds, rejects, found, engines, seconds }: Replayed): string {
  const sum = (pick: (feed: Feed) => number) => feeds.reduce((total, feed) => total + pick(feed), 0)
  const counter = (name: 'unverified' | 'late' | 'early' | 'overflow') =>
    engines.reduce((total, { counters }) => total + counters[name], 0)
  const records = sum((feed) => feed.counts.records)
  const list = (counts: ReadonlyMap<string, number>) =>
    counts.size === 0 ? 'none' : [...counts].map(([name, count]) => `${name} ${count}`).join(', ')
  return [
    `${records} lines, ${sum((feed) => feed.counts.events)} events, in ${seconds.toFixed(2)} s (${Math.round(records / seconds)} lines/s)`,
    `rejects: ${list(rejects)}`,
    `findings: ${list(found)}`,
    `cannot evaluate: ${blindText(blindDetectors(feeds)) || 'none'}`,
    `not counted: ${counter('unverified')} calls without a verified caller, ${counter('late')} late, ${counter('early')} ahead of their source, ${counter('overflow')} without room`,
  ].join('\n')
}
