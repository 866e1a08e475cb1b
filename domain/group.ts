import { credentialKey } from './credential.ts'
import type { Finding } from './finding.ts'

/** What a finding is grouped by: the credential it is about, else the presented caller. */
export function groupOf(finding: Finding): string {
  return 'credential' in finding.subject
    ? `credential:${credentialKey(finding.subject.credential)}`
    : `identity:${finding.caller}`
}
