/**
 * Edit distance with two swapped neighbours as one step (optimal string alignment: Levenshtein 1966, Damerau
 * 1964), row by row.
 */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= a.length; i++) {
    const above = rows[i - 1]
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = isSwapped ? rows[i - 2][j - 2] + 1 : Infinity
      row.push(Math.min(replace, swap, above[j] + 1, row[j - 1] + 1))
    }
    rows.push(row)
  }
  return rows[a.length][b.length]
}

const fold = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '')

/**
 * The known word that `word` was probably meant to be: the same but for case and separators (`lateness_ms`),
 * the beginning of one (`lateness`), or at most a third of it mistyped. Undefined when none is near.
 */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const folded = fold(word.slice(0, 64))
  if (folded === '') return undefined
  const ranked = known
    .map((candidate) => ({ candidate, steps: distance(folded, fold(candidate)) }))
    .sort((a, b) => a.steps - b.steps)
  const [best] = ranked
  if (best && best.steps <= Math.max(1, Math.floor(best.candidate.length / 3))) return best.candidate
  return folded.length >= 4 ? known.find((candidate) => fold(candidate).startsWith(folded)) : undefined
}
