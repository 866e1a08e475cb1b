import { credentialKey } from '../domain/credential.ts'
import { CERTAIN_SCORE, type Finding } from '../domain/finding.ts'

/** What a finding is grouped by: the credential it is about, else the presented caller. */
export function groupOf(finding: Finding): string {
  return 'credential' in finding.subject
    ? `credential:${credentialKey(finding.subject.credential)}`
    : `identity:${finding.caller}`
}

/** True for the verdict of a deterministic rule, which stays of interest for longer. */
export function isCertain(finding: Finding): boolean {
  return finding.score >= CERTAIN_SCORE
}
