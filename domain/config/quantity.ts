const FACTORS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Ms: { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  Bytes: { b: 1, k: 1000, kb: 1000, kib: 1024, m: 1e6, mb: 1e6, mib: 1_048_576, gb: 1e9, gib: 1_073_741_824 },
  Days: { h: 1 / 24, d: 1, w: 7 },
}

/**
 * The number meant by a text with a unit, in the unit that the option's name ends with: `15s` for `latenessMs`
 * is 15000. Options take plain numbers only; this is for telling people which.
 */
export function inUnitOf(option: string, text: string): number | undefined {
  const unit = Object.keys(FACTORS).find((ending) => option.endsWith(ending))
  const match = /^\s*(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]+)?\s*$/i.exec(text)
  if (!match) return undefined
  if (match[2] === undefined) return Number(match[1])
  const factor = unit && FACTORS[unit][match[2].toLowerCase()]
  return factor ? Number(match[1]) * factor : undefined
}
