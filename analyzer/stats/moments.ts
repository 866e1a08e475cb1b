/** Running mean and variance over at most `cap` samples' worth of memory (an exponential average once `n` is at the cap). */
export interface Moments {
  mean: number
  variance: number
  n: number
}

/** Adds one sample (Welford's update with the weight 1/min(n, cap)). Writes into `m`. */
export function addSample(m: Moments, x: number, cap: number): void {
  const n = Math.min(m.n + 1, cap)
  const delta = x - m.mean
  m.mean += delta / n
  m.variance += (delta * (x - m.mean) - m.variance) / n
  m.n = n
}

/** Adds `k` samples of zero at once (pooled mean and variance of two groups). Writes into `m`. */
export function addZeros(m: Moments, k: number, cap: number): void {
  if (k <= 0) return
  const zeros = Math.min(k, cap)
  const kept = Math.min(m.n, cap - zeros)
  const share = kept / (kept + zeros)
  const mean = m.mean * share
  m.variance = share * (m.variance + (m.mean - mean) ** 2) + (1 - share) * mean * mean
  m.mean = mean
  m.n = Math.min(m.n + zeros, cap)
}
