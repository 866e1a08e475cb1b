/** log10 of the upper tail of the standard normal, for any z: Abramowitz & Stegun 7.1.26 below 3, Mills' ratio beyond. */
export function log10UpperTail(z: number): number {
  if (z < -6) return 0
  if (z > 3) {
    const z2 = z * z
    const mills = 1 / (z + 1 / (z + 2 / (z + 3 / (z + 4 / z))))
    return (-z2 / 2 - 0.918938533204673 + Math.log(mills)) * Math.LOG10E
  }
  const t = 1 / (1 + 0.3275911 * (Math.abs(z) / Math.SQRT2))
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const tail = 0.5 * poly * Math.exp((-z * z) / 2)
  return Math.log10(z >= 0 ? tail : 1 - tail)
}
