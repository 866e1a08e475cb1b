import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { meshwatch } from '../collector/parsers/meshwatch.ts'
import { CallInput, LIFECYCLE_ACTIONS, LifecycleInput } from '../domain/event.ts'
import type { RejectReason } from '../domain/reject.ts'
import { testContext, textRecord } from './raw-record.ts'

/** The parser checks by hand, for speed; the schema is what the documents say. They must agree on every object. */

/** Reasons beyond the shape of the record, of which the schema knows nothing. */
const BEYOND_SHAPE: ReadonlySet<RejectReason> = new Set([
  'invalid-identity',
  'invalid-time',
  'time-out-of-range',
  'invalid-credential',
])

const anything = fc.constantFrom<unknown>(null, '', 'x', 0, 7, -1, 0.5, 2 ** 53, true, [], {}, ['x'], {
  id: 'x',
})
const instant = fc.constantFrom<unknown>(1795352713684, '2026-11-22T13:05:13Z')
const credential = fc.record(
  {
    kind: fc.constantFrom('x509', 'jwt', 'pet'),
    issuer: fc.constant('CN=a'),
    id: fc.constantFrom('0f', 'abc'),
  },
  { requiredKeys: ['kind', 'id'] },
)

const callFields = {
  time: instant,
  startTime: instant,
  caller: fc.constantFrom('web', 'spiffe://mesh.lab/web'),
  callee: fc.constant('pay'),
  callerVerified: fc.boolean(),
  operation: fc.constant('GET /'),
  credential,
  origin: fc.record(
    {
      address: fc.constant('10.0.0.1'),
      node: fc.constant('n1'),
      workload: fc.string(),
      fingerprint: fc.string(),
    },
    { requiredKeys: [] },
  ),
  connection: fc.oneof(fc.nat(), fc.string()),
  connectionStartTime: instant,
  reporter: fc.constant('p'),
  side: fc.constantFrom('server', 'client'),
  transport: fc.constantFrom('mtls', 'tls', 'plaintext'),
  status: fc.oneof(fc.nat(), fc.string()),
  denied: fc.boolean(),
  bytesIn: fc.nat(),
  bytesOut: fc.nat(),
  durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  count: fc.nat(),
}

const lifecycleFields = {
  time: instant,
  action: fc.constantFrom(...LIFECYCLE_ACTIONS),
  identity: fc.constant('web'),
  credential,
  previous: credential,
  notBefore: instant,
  notAfter: instant,
  actor: fc.constant('ops'),
  address: fc.constant('10.0.0.1'),
  reason: fc.constant('because'),
}

/** A sound object in which at most one field, perhaps an inner one, holds anything or is not there. */
function spoiled(fields: Record<string, fc.Arbitrary<unknown>>, required: string[]): fc.Arbitrary<object> {
  const outer = fc.constantFrom(...Object.keys(fields), 'unknown').map((key) => [key])
  const inner = fc.constantFrom(
    ['credential', 'kind'],
    ['credential', 'id'],
    ['credential', 'issuer'],
    ['origin', 'node'],
  )
  return fc
    .tuple(
      fc.record(fields, { requiredKeys: required }),
      fc.oneof({ weight: 4, arbitrary: outer }, { weight: 1, arbitrary: inner }),
      fc.option(anything, { nil: undefined }),
    )
    .map(([sound, path, value]) => replaced(sound, path, value))
}

function replaced(object: object, [key, ...rest]: readonly string[], value: unknown): object {
  const inner = (object as Record<string, unknown>)[key]
  if (rest.length === 0) return { ...object, [key]: value }
  return typeof inner === 'object' && inner !== null
    ? { ...object, [key]: replaced(inner, rest, value) }
    : object
}

function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, inner) => (inner === null ? undefined : inner))
}

function assertAgree(input: object, schema: typeof CallInput | typeof LifecycleInput): void {
  const outcome = meshwatch.parse(textRecord(JSON.stringify(input)), testContext())
  const fits = Value.Check(schema, withoutNulls(input))
  if (typeof outcome !== 'string') assert.ok(fits, `accepted ${JSON.stringify(input)}`)
  else if (!BEYOND_SHAPE.has(outcome)) assert.ok(!fits, `${outcome}: ${JSON.stringify(input)}`)
}

it('agrees with the schema on calls', () => {
  fc.assert(
    fc.property(spoiled(callFields, ['time', 'caller', 'callee']), (input) =>
      assertAgree({ kind: 'call', ...input }, CallInput),
    ),
    { numRuns: 4000 },
  )
})

it('agrees with the schema on lifecycle steps', () => {
  fc.assert(
    fc.property(spoiled(lifecycleFields, ['time', 'action']), (input) =>
      assertAgree({ kind: 'lifecycle', ...input }, LifecycleInput),
    ),
    { numRuns: 2000 },
  )
})
