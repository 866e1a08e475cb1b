/** Edit distance (Levenshtein 1966), two rows at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, row[j] + 1, next[j - 1] + 1))
    }
    row = next
  }
  return row[b.length]
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
