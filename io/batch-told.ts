import { type BatchColumns, ROW } from '../domain/batch.ts'
import { isDecision, isIncidentFact, isLifecycleDetail } from '../domain/told.ts'

const TOLD = ROW.lifecycle | ROW.fact | ROW.decision

/**
 * Characters of JSON that the rows of a batch may have together: who judges them reads those of each row anew, and a few
 * bytes can give all rows one long text. A full round has 16,384 rows, of hardly ever more than 4096 characters each.
 */
const MOST_TOLD_CHARACTERS = 67_108_864

/** True when all rows that have their matter as JSON in `detail` have the right one. */
export function isToldRight({ kind, detail }: BatchColumns, strings: readonly string[]): boolean {
  const right: Right = { [ROW.lifecycle]: new Set(), [ROW.fact]: new Set(), [ROW.decision]: new Set() }
  let characters = 0
  for (let i = 0; i < kind.length; i++) {
    if ((kind[i] & TOLD) === 0) continue
    const known = right[kind[i]]
    const text = detail[i]
    characters += strings[text].length
    if (characters > MOST_TOLD_CHARACTERS) return false
    if (known.has(text)) continue
    if (!isRight(kind[i], strings[text])) return false
    known.add(text)
  }
  return true
}

/** Texts that are right for rows of a kind. */
type Right = Readonly<Record<number, Set<number>>>

function isRight(kind: number, json: string): boolean {
  try {
    return IS_RIGHT[kind](JSON.parse(json))
  } catch {
    return false
  }
}

/** Analyzers tell each other in a topic of their own: of their facts, collectors tell only the ends of incidents. */
const IS_RIGHT: Readonly<Record<number, (told: unknown) => boolean>> = {
  [ROW.lifecycle]: isLifecycleDetail,
  [ROW.fact]: isIncidentFact,
  [ROW.decision]: isDecision,
}
