import { isKnownSlot, SLOTS, seasonFactor, slotMean, slotOf } from '../stats/season.ts'
import { type BlindRun, blindRunOf } from './blindness.ts'
import type { SEASON } from './state.ts'
import { type Table, takeRow, touch } from './table.ts'

const HOUR_MS = 3_600_000
const MOST_VISITS = 255

/** A new season. Row 0 is never given out: 0 in a column means "none". */
export function takeSeason(seasons: Table<typeof SEASON>): number {
  return takeRow(seasons) || takeRow(seasons)
}

/**
 * A new season in the shape of another: an edge that becomes busy goes on from its caller's curve.
 * @param scale level of the edge against the level of its caller
 */
export function copySeason(seasons: Table<typeof SEASON>, from: number, scale: number): number {
  const row = takeSeason(seasons)
  for (let slot = 0; slot < SLOTS; slot++) {
    const mean = seasons.f32[from * seasons.words + seasons.at.mean + slot]
    seasons.f32[row * seasons.words + seasons.at.mean + slot] = mean * scale
    seasons.u8[row * seasons.stride + seasons.at.visits + slot] =
      seasons.u8[from * seasons.stride + seasons.at.visits + slot]
  }
  seasons.f32[row * seasons.words + seasons.at.level] =
    seasons.f32[from * seasons.words + seasons.at.level] * scale
  return row
}

/** Hours to learn: the last one with its count, the others empty. */
interface LearnedHours {
  readonly hour: number
  /** Last hour that was learned before. */
  readonly since: number
  readonly count: number
  readonly blind: readonly BlindRun[]
}

/**
 * Learns the count of an hour, and zeros for the empty hours since the last one: at most the two days of slots that an
 * older gap would only repeat.
 */
export function learnSeason(seasons: Table<typeof SEASON>, row: number, at: LearnedHours): void {
  for (let hour = Math.max(at.since + 1, at.hour - SLOTS); hour < at.hour; hour++)
    if (!isUnseen(seasons, row, hour, at.blind)) visit(seasons, row, hour, 0)
  visit(seasons, row, at.hour, at.count)
  let sum = 0
  let seen = 0
  for (let slot = 0; slot < SLOTS; slot++) {
    if (seasons.u8[row * seasons.stride + seasons.at.visits + slot] === 0) continue
    sum += seasons.f32[row * seasons.words + seasons.at.mean + slot]
    seen++
  }
  seasons.f32[row * seasons.words + seasons.at.level] = sum / Math.max(1, seen)
  touch(seasons, row)
}

/**
 * True for an empty hour that says nothing of the season. While a slot is new, an hour in which the others go on is
 * taken for its rhythm: were every first night taken for an outage, no night would ever be known.
 */
function isUnseen(
  seasons: Table<typeof SEASON>,
  row: number,
  hour: number,
  blind: readonly BlindRun[],
): boolean {
  const run = blindRunOf(blind, hour)
  if (run === undefined) return false
  const slot = slotOf(hour * HOUR_MS)
  return run.dark || isKnownSlot(seasons.u8[row * seasons.stride + seasons.at.visits + slot])
}

function visit(seasons: Table<typeof SEASON>, row: number, hour: number, count: number): void {
  const slot = slotOf(hour * HOUR_MS)
  const meanAt = row * seasons.words + seasons.at.mean + slot
  const visitsAt = row * seasons.stride + seasons.at.visits + slot
  seasons.f32[meanAt] = slotMean(seasons.f32[meanAt], seasons.u8[visitsAt], count)
  seasons.u8[visitsAt] = Math.min(MOST_VISITS, seasons.u8[visitsAt] + 1)
}

/**
 * Factor of a season at an instant; 1 for row 0 (none). A slot that is not known yet takes the factor of the same hour on
 * the other kind of day: a first Saturday is more like a Friday than like an hour of no season.
 */
export function factorAt(seasons: Table<typeof SEASON>, row: number, time: number): number {
  if (row === 0) return 1
  const slot = slotOf(time)
  const visits = row * seasons.stride + seasons.at.visits
  const known = isKnownSlot(seasons.u8[visits + slot]) ? slot : (slot + SLOTS / 2) % SLOTS
  return seasonFactor(
    seasons.f32[row * seasons.words + seasons.at.mean + known],
    seasons.u8[visits + known],
    seasons.f32[row * seasons.words + seasons.at.level],
  )
}
