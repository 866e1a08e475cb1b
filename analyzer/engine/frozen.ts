import type { Engine } from './engine.ts'

/**
 * Callers whose behaviour is not learned as normal while an incident about them is open. The engine works it out by
 * itself, by the rule by which incidents resolve, so that it holds from the same row on whenever the log is read.
 */

/** A finding about a caller that opens an incident freezes it; one more within the budget keeps it frozen for longer. */
export function keepFrozen(
  engine: Engine,
  caller: string,
  said: { readonly opens: boolean; readonly withinBudget: boolean; readonly until: number },
): void {
  const known = engine.frozen.get(caller) ?? 0
  const isOpen = said.withinBudget && known > engine.clock.frontier
  if (said.until <= known || !(said.opens || isOpen)) return
  const { partition } = engine.options
  engine.frozen.set(caller, said.until)
  engine.facts.push({ fact: 'incident', partition, caller, until: said.until, time: engine.clock.frontier })
}

/** Takes in until when an incident about a caller is open. */
export function freezeUntil(engine: Engine, caller: string, until: number): void {
  if (until === 0) engine.frozen.delete(caller)
  else engine.frozen.set(caller, Math.max(engine.frozen.get(caller) ?? 0, until))
}

/** True when what the caller (an identity row) did at `time` is not to be learned. */
export function isFrozen(engine: Engine, caller: number, time: number): boolean {
  if (engine.frozen.size === 0) return false
  return (engine.frozen.get(engine.state.identityNames.texts[caller] ?? '') ?? 0) > time
}

/** Forgets those whose time is over for every row and window that may still come. */
export function thaw(engine: Engine, before: number): void {
  for (const [caller, until] of engine.frozen) if (until <= before) engine.frozen.delete(caller)
}
