import type { FoldOptions, Known } from '../../alerter/fold.ts'
import type { Finding } from '../../domain/finding.ts'
import { sha256Hex } from '../../io/hash.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
/** 2026-03-02T10:00:00Z */
export const START = Date.UTC(2026, 2, 2, 10)

/** A statistical finding about `shop/checkout` that opens an incident, changed as the test says. */
export function finding(id: string, changed: Partial<Finding> = {}): Finding {
  const caller = changed.caller ?? 'shop/checkout'
  const callee = changed.callee ?? 'shop/ledger'
  return {
    id,
    detector: 'new-edge',
    subject: { caller, callee },
    caller,
    callee,
    start: START,
    end: START,
    foundAt: changed.end ?? START,
    score: 3,
    raw: 12,
    expectedPerDay: 0.001,
    observed: 4,
    expected: 0,
    threshold: 9,
    samples: 20_000,
    severity: 'medium',
    opens: true,
    withinBudget: true,
    evidence: [
      { source: 'envoy.log', generation: 'g1', offset: 700, line: 12, index: 0, time: changed.end ?? START },
    ],
    text: `${caller} called ${callee} for the first time`,
    respond: 'ask the owner of the caller',
    ...changed,
  }
}

/** A certain finding about one certificate. */
export function revoked(id: string, changed: Partial<Finding> = {}): Finding {
  return finding(id, {
    detector: 'revoked-credential',
    subject: { credential: { kind: 'x509', id: 'a1b2' } },
    score: 12,
    severity: 'critical',
    ...changed,
  })
}

export const FOLD: FoldOptions = {
  quietMs: { statistical: HOUR, certain: 24 * HOUR },
  agreementMs: HOUR,
  sha256Hex,
}

export function known(changed: Partial<Known> = {}): Known {
  return { unresolved: [], waiting: [], seen: new Set(), neighbours: [], ...changed }
}
