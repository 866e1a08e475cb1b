/**
 * Counts that vary more than a Poisson process: negative binomial with mean `mu` and size `r`
 * (variance mu + mu²/r). The signed root of the deviance is near a standard normal for counts that follow it.
 */

/** Smallest size: the widest spread that is believed. */
export const MIN_SIZE = 0.5

/** Size `r` from a mean and a variance by moments; {@link MIN_SIZE} to 1e6 (as good as Poisson). */
export function sizeOf(mean: number, variance: number): number {
  const excess = variance - mean
  return excess <= (mean * mean) / 1e6 ? 1e6 : Math.max(MIN_SIZE, (mean * mean) / excess)
}

/**
 * `sign(x−mu) · sqrt(2 [x ln(x/mu) − (x+r) ln((x+r)/(mu+r))])`.
 * @param x count, ≥ 0
 * @param mu expected count, > 0
 * @param r size, > 0
 */
export function signedDeviance(x: number, mu: number, r: number): number {
  const ratio = x > 0 ? x * Math.log(x / mu) : 0
  const deviance = 2 * (ratio - (x + r) * Math.log((x + r) / (mu + r)))
  const root = Math.sqrt(Math.max(0, deviance))
  return x >= mu ? root : -root
}

/**
 * Mean plus `z` standard deviations. The distribution leans to the right, so a count below this never has a signed
 * deviance of `z`, and the logarithms above need not be taken for it.
 */
export function countBelow(z: number, mu: number, r: number): number {
  return mu + z * Math.sqrt(mu + (mu * mu) / r)
}
