import { type Finding, opensUntil } from '../../domain/finding.ts'
import type { Engine } from './engine.ts'
import { identityRow } from './rows.ts'

/**
 * Callers whose behaviour is not learned as normal while an incident about them is open. The engine works it out by
 * itself, by the rules by which incidents open and resolve, so that it holds from the same row on whenever the log is
 * read.
 */

/** A finding that opens no incident alone, until another detector agrees with it. */
export interface Waiting {
  readonly detector: string
  readonly end: number
  readonly until: number
}

/** Of one caller; the newest stay. */
const MOST_WAITING = 50

/** Freezes the caller of a finding that opens an incident, or keeps it frozen for longer. */
export function freezeFor(engine: Engine, finding: Finding): void {
  if (!finding.withinBudget) return
  const { caller, foundAt } = finding
  const row = identityRow(engine, caller, foundAt)
  const known = engine.frozen.get(row) ?? 0
  const opened = finding.opens ? [] : agreeing(engine, finding)
  if (!finding.opens && opened.length === 0 && known <= foundAt) return
  const until = Math.max(opensUntil(finding, engine.options.quietMs), ...opened.map((other) => other.until))
  if (until <= known) return
  if (row >= 0) engine.frozen.set(row, until)
  engine.facts.push({
    fact: 'incident',
    partition: engine.options.partition,
    caller,
    until,
    time: foundAt,
  })
}

/** What other detectors said about the caller around the same time; the finding itself waits for more of it. */
function agreeing(engine: Engine, finding: Finding): readonly Waiting[] {
  if (finding.severity === 'info') return []
  const { agreementMs, quietMs } = engine.options
  const waiting = engine.waiting.get(finding.caller) ?? []
  const { detector, end } = finding
  const own = { detector, end, until: opensUntil(finding, quietMs) }
  engine.waiting.set(finding.caller, [...waiting.slice(1 - MOST_WAITING), own])
  return waiting.filter((other) => other.detector !== detector && Math.abs(other.end - end) <= agreementMs)
}

/** Takes in until when an incident about a caller is open; 0: it is over. */
export function freezeUntil(engine: Engine, caller: string, at: { time: number; until: number }): void {
  const row = identityRow(engine, caller, at.time)
  if (row < 0) return
  if (at.until === 0) engine.frozen.delete(row)
  else engine.frozen.set(row, Math.max(engine.frozen.get(row) ?? 0, at.until))
}

/** True when what the caller (an identity row) did at `time` is not to be learned. */
export function isFrozen(engine: Engine, caller: number, time: number): boolean {
  return engine.frozen.size > 0 && (engine.frozen.get(caller) ?? 0) > time
}

/** Forgets what is over for every row and window that may still come: at `before` or earlier. Now and then is enough. */
export function thaw(engine: Engine, before: number): void {
  for (const [caller, until] of engine.frozen) if (until <= before) engine.frozen.delete(caller)
  for (const [caller, findings] of engine.waiting) {
    const kept = findings.filter(({ end }) => end + engine.options.agreementMs > before)
    if (kept.length === 0) engine.waiting.delete(caller)
    else if (kept.length < findings.length) engine.waiting.set(caller, kept)
  }
}
