import type { Coordinate } from './coordinate.ts'
import type { CredentialRef } from './credential.ts'

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What a finding is about. */
export type Subject =
  | { readonly identity: string }
  | { readonly caller: string; readonly callee: string }
  | { readonly credential: CredentialRef }

/** One row that made a detector speak, with the place it came from. */
export interface Evidence extends Coordinate {
  readonly time: number
}

/** One detector's verdict on one subject in one window. */
export interface Finding {
  /** Hash of (detector, subject, window or connection): the same log gives the same id. */
  readonly id: string
  readonly detector: string
  readonly subject: Subject
  /** The presented caller: what incidents of statistical detectors are grouped by. */
  readonly caller: string
  /** Called identity, where one is involved. */
  readonly callee?: string
  /** First and last event time of what was judged, epoch ms. */
  readonly start: number
  readonly end: number
  /** Event time at which it was said, epoch ms: later than `end` when rows came late or a report did. */
  readonly foundAt: number
  /** −log10 of the false alarms expected a day at this rarity. Certain rules have {@link CERTAIN_SCORE}. */
  readonly score: number
  /** The detector's own scale: bits of surprise, signed deviance, uses. */
  readonly raw: number
  /** False alarms a day expected at this rarity over all partitions. */
  readonly expectedPerDay: number
  readonly observed: number
  readonly expected: number
  /** The raw score from which this detector records a finding now. */
  readonly threshold: number
  /** Samples that the baseline rests on. */
  readonly samples: number
  readonly severity: Severity
  /** True when the finding alone opens an incident; false when it only supports one. */
  readonly opens: boolean
  /** Inside the detector's alert budget; findings outside it are shown on request only. */
  readonly withinBudget: boolean
  readonly evidence: readonly Evidence[]
  /** The verdict in plain words, without control characters. */
  readonly text: string
  /** What a responder should do next. */
  readonly respond: string
}

/** Score of a certain rule: a false alarm once in a million million days. */
export const CERTAIN_SCORE = 12

/**
 * Event time until which an incident stays open because of a finding, if nothing more is found: certain ones are of
 * interest for longer. A finding about long ago counts from when it was said.
 */
export function opensUntil(
  { end, foundAt, score }: Pick<Finding, 'end' | 'foundAt' | 'score'>,
  quietMs: { readonly statistical: number; readonly certain: number },
): number {
  return Math.max(end, foundAt) + (score >= CERTAIN_SCORE ? quietMs.certain : quietMs.statistical)
}
