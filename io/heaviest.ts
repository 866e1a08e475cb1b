/** A name with what it is ranked by. */
export type Weighed = readonly [name: string, weight: number]

/**
 * The heaviest, in order; of equal ones those first whose name is. An attacker may bring a hundred thousand names, so
 * they are not sorted.
 */
export function heaviest(weighed: Iterable<Weighed>, most: number): readonly string[] {
  const best: Weighed[] = []
  for (const each of weighed) {
    if (best.length === most && !isBefore(each, best[most - 1])) continue
    let at = best.length
    while (at > 0 && isBefore(each, best[at - 1])) at--
    best.splice(at, 0, each)
    if (best.length > most) best.pop()
  }
  return best.map(([name]) => name)
}

function isBefore([name, weight]: Weighed, [other, otherWeight]: Weighed): boolean {
  return weight === otherWeight ? name < other : weight > otherWeight
}
