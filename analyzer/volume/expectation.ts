import type { Usual } from '../detector.ts'
import { sizeOf } from '../stats/negative-binomial.ts'
import type { Scope } from './scope.ts'

/** Spread that is assumed of a row with few windows: variance mu + mu², for as many windows as this. */
const SPREAD_WINDOWS = 8

/** What is expected of one row in one window: a negative binomial, and the season's factor in its mean. */
export interface Expectation extends Usual {
  row: number
  window: number
  mu: number
  size: number
  factor: number
}

/**
 * Fills in what is expected of `usual`'s row in its window: `mu = f (n m + K m0)/(n + K)`, and the size of the negative
 * binomial that goes with it. @returns `usual`
 */
export function expectInto(usual: Expectation, scope: Scope): Expectation {
  const { world, length, table } = scope
  const { row, window } = usual
  const n = table.u16[row * table.halves + scope.n]
  const level = table.f32[row * table.words + scope.mean]
  const caller = scope.caller(row)
  const { identities, edges } = world.state
  const ownSeason = scope.kind === 'edge' ? edges.u32[row * edges.words + edges.at.season] : 0
  const factor = world.season(
    ownSeason || identities.u32[caller * identities.words + identities.at.season],
    window * length.lengthMs,
  )
  const prior = n >= 5 * length.shrink ? level : scope.prior(caller)
  const mu = Math.max(1e-3, (factor * (n * level + length.shrink * prior)) / (n + length.shrink))
  const variance = factor * factor * table.f32[row * table.words + scope.variance]
  usual.mu = mu
  usual.size = sizeOf(
    mu,
    (n * Math.max(variance, mu) + SPREAD_WINDOWS * (mu + mu * mu)) / (n + SPREAD_WINDOWS),
  )
  usual.factor = factor
  return usual
}
