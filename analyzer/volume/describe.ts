import { shortIdentity } from '../../domain/identity.ts'
import type { Description } from '../detector.ts'
import type { Expectation } from './expectation.ts'
import type { Scope } from './scope.ts'

/** A count in the words of a finding. */
export function describe(scope: Scope, expected: Expectation, count: number): Description {
  const { table, length } = scope
  const { row, window, mu, size } = expected
  const start = window * length.lengthMs
  const spread = Math.sqrt(mu + (mu * mu) / size)
  const when = new Date(start).toISOString().slice(0, 16).replace('T', ' ')
  const windows = table.u16[row * table.halves + scope.n]
  return {
    observed: count,
    expected: mu,
    samples: windows,
    severity: count > 10 * mu ? 'high' : 'medium',
    window: `${length.label}:${window}`,
    start,
    end: start + length.lengthMs,
    text:
      `${calledHow(scope, row, count)} in the ${length.noun} from ${when} UTC; ` +
      `${mu.toFixed(1)} is usual for that hour of the week, give or take ${spread.toFixed(1)} (${windows} windows seen).`,
  }
}

/** `cart called stock 900 times`, or `cart made 900 calls`. */
function calledHow({ world, kind, caller }: Scope, row: number, count: number): string {
  const { edges, identityNames } = world.state
  const name = (identity: number) => shortIdentity(identityNames.texts[identity] ?? '')
  const who = name(caller(row))
  if (kind === 'identity') return `${who} made ${count} calls`
  return `${who} called ${name(edges.u32[row * edges.words + edges.at.callee])} ${count} times`
}
