import { credentialKey } from '../../domain/credential.ts'
import { CERTAIN_SCORE, type Evidence, type Finding, type Subject } from '../../domain/finding.ts'
import { derivedId } from '../../domain/hash.ts'
import type { EdgeWatch, WindowWatch } from '../detector.ts'
import { log10PerDay } from '../stats/survival.ts'
import type { Engine, Judged } from './engine.ts'
import { freezeFor } from './frozen.ts'
import type { CertainVerdict } from './world.ts'

/** A subject as text: part of a finding's id. */
function subjectKey(subject: Subject): string {
  if ('identity' in subject) return `identity ${subject.identity}`
  if ('credential' in subject)
    return `credential ${subject.credential.issuer ?? ''} ${credentialKey(subject.credential)}`
  return `edge ${subject.caller} ${subject.callee}`
}

/** Control and direction-changing characters never reach a person raw. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what it looks for
  const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
  return text.replace(unprintable, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** What a statistical detector found in one row of its table. */
export interface Verdict {
  readonly judged: Judged<EdgeWatch | WindowWatch>
  readonly raw: number
  readonly described: ReturnType<WindowWatch['describe']>
  readonly subject: Subject
  readonly caller: string
  readonly callee?: string
  readonly opens: boolean
  readonly evidence: readonly Evidence[]
}

/** Records a statistical finding. */
export function speak(engine: Engine, verdict: Verdict): void {
  const { judged, raw, described, subject } = verdict
  const { calibrated, detector } = judged
  const log10 = log10PerDay(calibrated.rate, raw)
  const { window, ...said } = described
  say(engine, {
    id: derivedId(engine.options.sha256Hex, [detector.name, subjectKey(subject), window]),
    detector: detector.name,
    subject,
    caller: verdict.caller,
    ...(verdict.callee === undefined ? {} : { callee: verdict.callee }),
    ...said,
    foundAt: engine.clock.frontier,
    text: printable(said.text),
    score: -log10,
    raw,
    expectedPerDay: 10 ** log10,
    threshold: calibrated.recordRaw,
    opens: verdict.opens,
    withinBudget: raw >= calibrated.recordRaw,
    evidence: verdict.evidence,
    respond: detector.about.respond,
  })
}

/** Records a finding of a certain rule. */
export function speakCertain(engine: Engine, verdict: CertainVerdict): Finding {
  const detector = engine.options.detectors.find((known) => known.name === verdict.detector)
  const { window, ...said } = verdict
  const finding: Finding = {
    id: derivedId(engine.options.sha256Hex, [verdict.detector, subjectKey(verdict.subject), window]),
    ...said,
    foundAt: engine.clock.frontier,
    text: printable(said.text),
    score: CERTAIN_SCORE,
    raw: said.observed,
    expectedPerDay: 10 ** -CERTAIN_SCORE,
    expected: 0,
    threshold: 1,
    samples: said.observed,
    withinBudget: true,
    respond: detector?.about.respond ?? '',
  }
  say(engine, finding)
  return finding
}

function say(engine: Engine, finding: Finding): void {
  freezeFor(engine, finding)
  engine.findings.push(finding)
}
