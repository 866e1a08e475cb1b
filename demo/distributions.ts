import { type Dice, fraction } from './dice.ts'

/** A standard normal deviate (Box and Muller 1958). */
export function normal(dice: Dice): number {
  return Math.sqrt(-2 * Math.log(1 - fraction(dice))) * Math.cos(2 * Math.PI * fraction(dice))
}

/** A gamma deviate with mean 1 and variance 1 / `shape`; `shape` is at least 1 (Marsaglia and Tsang 2000). */
export function gammaFactor(dice: Dice, shape: number): number {
  const d = shape - 1 / 3
  for (;;) {
    const z = normal(dice)
    const v = (1 + z / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(1 - fraction(dice)) < z * z * 0.5 + d - d * v + d * Math.log(v))
      return (d * v) / shape
  }
}

/** A Poisson count, by adding up probabilities from 0; a large mean is split so that `exp` does not vanish. */
export function poisson(dice: Dice, mean: number): number {
  if (mean > 64) return poisson(dice, mean / 2) + poisson(dice, mean / 2)
  let rest = fraction(dice)
  let probability = Math.exp(-mean)
  let count = 0
  while (rest >= probability && count < 1000) {
    rest -= probability
    count++
    probability *= mean / count
  }
  return count
}

/** Entries of a deck: a power of two, so that a draw is one mask. */
export const DECK = 4096

/** Draws made beforehand: a draw from the deck costs a look-up instead of logarithms. */
export function deck(draw: () => number): Float64Array {
  return Float64Array.from({ length: DECK }, draw)
}
