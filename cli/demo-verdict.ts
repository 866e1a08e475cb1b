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

/** Each planted incident must be raised once by its detectors, and no other incident at all. */
export function judgeDemo(plan: AttackPlan, incidents: readonly Incident[]): DemoVerdict {
  const expected = planted(plan).map((each) => ({
    what: each.what,
    incident: incidents.find((incident) => isRaised(each, incident)),
  }))
  const known = new Set(expected.map(({ incident }) => incident))
  return {
    found: expected.filter(({ incident }) => incident !== undefined).map(({ what }) => what),
    missing: expected.filter(({ incident }) => incident === undefined).map(({ what }) => what),
    unplanned: incidents.filter((incident) => !known.has(incident)).map(({ title }) => title),
  }
}

function isRaised({ group, detectors }: Planted, incident: Incident): boolean {
  return incident.group === group && detectors.every((detector) => incident.detectors.includes(detector))
}

/** 0 when exactly the planted incidents were raised. */
export function exitCodeOf({ missing, unplanned }: DemoVerdict): 0 | 1 {
  return missing.length + unplanned.length === 0 ? 0 : 1
}
