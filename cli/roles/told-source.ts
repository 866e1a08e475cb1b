import type { Collector } from '../../collector/collect.ts'
import { tellDecisions, tellFacts } from '../../collector/collect.ts'
import type { Decision, Fact } from '../../domain/decision.ts'
import { isTooDeep } from '../../domain/nesting.ts'
import type { Source } from '../../domain/ports.ts'
import { isDecision, isIncidentFact } from '../../domain/told.ts'
import type { RoleLog } from './role.ts'

/** Name of the topic of decisions among the sources. */
export const DECISIONS = 'decisions'

/**
 * Reads what people decided, and what follows from it, into the stream of every partition.
 * @returns offset behind what was read; undefined when there was nothing
 */
export async function readTold(
  collector: Collector,
  source: Source,
  log: RoleLog,
): Promise<number | undefined> {
  const chunk = await source.read()
  if (chunk === undefined) return undefined
  for (const { text, offset } of chunk.records) {
    const told = parse(text)
    if (told === undefined) log('error', 'a decision that cannot be read is left out', { offset })
    else if ('fact' in told) tellFacts(collector, [told])
    else tellDecisions(collector, [told])
  }
  return chunk.end.offset
}

/** What is told again has to be written, which takes a deeper stack than reading it. */
function parse(text: string): Fact | Decision | undefined {
  if (isTooDeep(text)) return undefined
  try {
    const told: unknown = JSON.parse(text)
    return isIncidentFact(told) || isDecision(told) ? told : undefined
  } catch {
    return undefined
  }
}
