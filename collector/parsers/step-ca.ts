import { type CredentialRef, canonicalIssuer, canonicalSerial } from '../../domain/credential.ts'
import type { LifecycleAction, LifecycleEvent } from '../../domain/event.ts'
import type { RejectReason } from '../../domain/reject.ts'
import { identityOf } from '../identity-memo.ts'
import { isObject, type JsonObject, readObject } from '../json.ts'
import type { Parser, SourceContext } from '../parser.ts'
import { bounded, boundedText, instantOf, textOf } from '../value.ts'

/**
 * Request log of step-ca (`"logger": {"format": "json"}`). Renewed and rotated rows name the new certificate only; the
 * one it replaces is found by identity. Serial numbers are decimal. Its one-time tokens (`ott`) are never read.
 */
export const stepCa: Parser = {
  name: 'step-ca',
  describes: 'JSON request log of the certificate authority step-ca',
  framing: 'line',
  carries: ['lifecycle', 'revocation'],
  matches: ({ text }) => text.includes('"name":"ca"') && text.includes('"duration-ns"'),
  parse: (record, context) => {
    const row = readObject(record)
    return typeof row === 'string' ? row : readRow(row, context)
  },
}

const ACTIONS: ReadonlyMap<string, LifecycleAction> = new Map([
  ['/sign', 'issued'],
  ['/renew', 'renewed'],
  ['/rekey', 'rotated'],
  ['/revoke', 'revoked'],
])

function readRow(row: JsonObject, context: SourceContext): readonly LifecycleEvent[] | RejectReason {
  if (row.path === undefined || row['duration-ns'] === undefined) return 'missing-field'
  if (typeof row.path !== 'string') return 'wrong-type'
  const action = ACTIONS.get(row.path.split('?', 1)[0].replace(/^\/1\.0\//, '/'))
  if (action === undefined) return []
  const event = readStep(row, action, context)
  return typeof event === 'string' ? event : [event]
}

/** A refused request names no credential of its own, unless it was to revoke one. */
function readStep(
  row: JsonObject,
  action: LifecycleAction,
  context: SourceContext,
): LifecycleEvent | RejectReason {
  const time = instantOf(row.time)
  if (typeof time === 'string') return time
  const isDenied = textOf(row.error) !== undefined || row.status !== (action === 'revoked' ? 200 : 201)
  const credential = readSerial(row)
  if (typeof credential === 'string') return credential
  if (credential === undefined && !isDenied) return 'missing-field'
  const identity = readIdentity(row, context)
  if (identity === '') return 'invalid-identity'
  const notBefore = validity(row['valid-from'])
  const notAfter = validity(row['valid-to'])
  if (typeof notBefore === 'string') return notBefore
  if (typeof notAfter === 'string') return notAfter
  return {
    kind: 'lifecycle',
    time,
    action: isDenied ? 'denied' : action,
    identity,
    credential,
    previous: undefined,
    notBefore,
    notAfter,
    actor: undefined,
    address: boundedText(row['remote-address']),
    reason: boundedText(row.error) ?? boundedText(row.reason),
  }
}

function readSerial(row: JsonObject): CredentialRef | RejectReason | undefined {
  const serial = textOf(row.serial)
  if (serial === undefined) return row.serial ? 'wrong-type' : undefined
  const id = canonicalSerial(serial, 10)
  if (id === undefined) return 'invalid-credential'
  const issuer = textOf(row.issuer)
  return { kind: 'x509', issuer: issuer === undefined ? undefined : canonicalIssuer(bounded(issuer)), id }
}

/** The first URI name, else the first DNS name, else the subject; undefined when the row names nobody. */
function readIdentity(row: JsonObject, context: SourceContext): string | undefined {
  const sans = isObject(row.sans) ? row.sans : {}
  const name = firstName(sans.uri) ?? firstName(sans.dns) ?? textOf(row.subject)
  return name === undefined ? undefined : identityOf(name, context)
}

function firstName(names: unknown): string | undefined {
  return Array.isArray(names) ? textOf(names[0]) : undefined
}

function validity(value: unknown): number | RejectReason | undefined {
  return value === undefined || value === null ? undefined : instantOf(value)
}
