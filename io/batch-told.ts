import { type BatchColumns, ROW } from '../domain/batch.ts'
import { isDecision, isFact, isLifecycleDetail } from '../domain/told.ts'

const TOLD = ROW.lifecycle | ROW.fact | ROW.decision

/** True when all rows that have their matter as JSON in `detail` have the right one. */
export function isToldRight({ kind, detail }: BatchColumns, strings: readonly string[]): boolean {
  for (let i = 0; i < kind.length; i++)
    if (kind[i] & TOLD && !isRight(kind[i], strings[detail[i]])) return false
  return true
}

function isRight(kind: number, json: string): boolean {
  try {
    const told: unknown = JSON.parse(json)
    if (kind & ROW.lifecycle) return isLifecycleDetail(told)
    return isFact(told) || isDecision(told)
  } catch {
    return false
  }
}
