import type { BlindRun } from '../engine/blindness.ts'
import { copySeason, learnSeason, takeSeason } from '../engine/seasons.ts'
import { levelOf } from './level.ts'
import type { Scope } from './scope.ts'

const HOUR_MS = 3_600_000
const WEEK_MS = 7 * 24 * HOUR_MS
/** Calls an hour from which an edge has a season of its own instead of its caller's. */
const OWN_SEASON_CALLS = 50

/** A closed hour of a row. */
interface ClosedHour {
  readonly row: number
  readonly window: number
  readonly count: number
  readonly blind: readonly BlindRun[]
}

/** Callers have a season of their own; an edge only when it is busy and old enough to fill one. */
export function learnHour(scope: Scope, at: ClosedHour): void {
  const { table, world } = scope
  const place = at.row * table.words + scope.season
  if (table.u32[place] === 0) {
    const busy = levelOf(scope, at.row) > OWN_SEASON_CALLS
    const old = at.window * HOUR_MS - scope.firstAt(at.row) > WEEK_MS
    if (scope.kind === 'edge' && !(busy && old)) return
    table.u32[place] = newSeason(scope, at.row)
  }
  const learned = table.u32[at.row * table.words + scope.learned]
  learnSeason(world.state.seasons, table.u32[place], {
    hour: at.window,
    since: learned || at.window - 1,
    count: at.count,
    blind: at.blind,
  })
}

/** An edge starts from its caller's season, at its own level. */
function newSeason(scope: Scope, row: number): number {
  const { seasons, identities } = scope.world.state
  const shared = identities.u32[scope.caller(row) * identities.words + identities.at.season]
  if (scope.kind === 'identity' || shared === 0) return takeSeason(seasons)
  const level = seasons.f32[shared * seasons.words + seasons.at.level]
  return copySeason(seasons, shared, level > 0 ? levelOf(scope, row) / level : 1)
}
