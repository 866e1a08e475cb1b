import type { Mark } from '../domain/batch.ts'
import { type Feed, mergeTime } from './feed.ts'

/**
 * What a collector whose rows are merged with those of others says of its sources. What was published of a source is
 * remembered here, because its events are gone by then.
 */
export type Frontiers = Map<string, number>

/** Events that are further ahead of the wall clock than this do not hold up the others. */
const AHEAD_MS = 60_000

/** Marks of the feeds as they stand, and of other sources that exist. */
export function marksOf(
  feeds: readonly Feed[],
  frontiers: Frontiers,
  around: { readonly now: number; readonly known: readonly string[] },
): Mark[] {
  const own = feeds.map((feed) => markOf(feed, frontiers, around.now + AHEAD_MS))
  const ours = new Set(own.map(({ source }) => source))
  const others = around.known.filter((source) => !ours.has(source))
  return [...own, ...others.map((source) => ({ source, frontier: 0, isDrained: false, isOwn: false }))]
}

function markOf(feed: Feed, frontiers: Frontiers, latest: number): Mark {
  const { source, events, next } = feed
  const isWaiting = next < events.length
  const time = isWaiting ? mergeTime(feed) : events[next - 1]?.time
  const frontier = Math.min(latest, Math.max(time ?? 0, frontiers.get(source.name) ?? 0))
  frontiers.set(source.name, frontier)
  return { source: source.name, frontier, isDrained: feed.isDrained && !isWaiting, isOwn: true }
}
