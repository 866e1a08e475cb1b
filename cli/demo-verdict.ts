import type { AttackPlan } from '../demo/plan.ts'
import type { Incident } from '../domain/incident.ts'

/** What the attack should have raised, held against what was raised. */
export interface DemoVerdict {
  readonly found: readonly string[]
  readonly missing: readonly string[]
  readonly unplanned: readonly string[]
}

/** One incident that the attack should raise. */
interface Planted {
  readonly what: string
  readonly group: string
  readonly detectors: readonly string[]
}

/** Three incidents: the compromised service, the service it moved on to, and the revoked certificate. */
function planted({ compromised, firstTarget, revoked }: AttackPlan): Planted[] {
  return [
    {
      what: `${compromised} reaches a new callee and pulls an unusual volume`,
      group: `identity:${compromised}`,
      detectors: ['new-edge', 'volume'],
    },
    {
      what: `${firstTarget} moves on to a further callee`,
      group: `identity:${firstTarget}`,
      detectors: ['new-edge'],
    },
    {
      what: `the certificate ${revoked.serialHex} is used after its revocation`,
      group: `credential:x509:${revoked.serialHex}`,
      detectors: ['revoked-credential'],
    },
  ]
}

/** Each planted incident must be raised by its detectors, and no other incident at all. */
export function judgeDemo(plan: AttackPlan, incidents: readonly Incident[]): DemoVerdict {
  const expected = planted(plan)
  const raised = ({ group, detectors }: Planted) =>
    incidents.some(
      (incident) =>
        incident.group === group && detectors.every((detector) => incident.detectors.includes(detector)),
    )
  const known = new Set(expected.map(({ group }) => group))
  return {
    found: expected.filter(raised).map(({ what }) => what),
    missing: expected.filter((each) => !raised(each)).map(({ what }) => what),
    unplanned: incidents.filter(({ group }) => !known.has(group)).map(({ title }) => title),
  }
}
