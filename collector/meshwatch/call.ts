import type { CallEvent, Origin } from '../../domain/event.ts'
import type { RejectReason } from '../../domain/reject.ts'
import { identityOf } from '../identity-memo.ts'
import type { JsonObject } from '../json.ts'
import type { SourceContext } from '../parser.ts'
import { instantOf } from '../value.ts'
import { readCredential } from './credential.ts'
import {
  amount,
  type Fields,
  flag,
  instant,
  object,
  oneOf,
  text,
  textOrNumber,
  wholeAmount,
} from './field.ts'

const SIDES = ['server', 'client'] as const
const TRANSPORTS = ['mtls', 'tls', 'plaintext'] as const

/** One call, or why it is refused. */
export function readCall(row: JsonObject, context: SourceContext): CallEvent | RejectReason {
  const time = instantOf(row.time)
  if (typeof time === 'string') return time
  if (isMissing(row.caller) || isMissing(row.callee)) return 'missing-field'
  if (typeof row.caller !== 'string' || typeof row.callee !== 'string') return 'wrong-type'
  const caller = identityOf(row.caller, context)
  const callee = identityOf(row.callee, context)
  if (caller === '' || callee === '') return 'invalid-identity'
  const fields: Fields = { row, refused: undefined }
  const input = object(fields, 'credential')
  const credential = input && readCredential(input, context)
  if (typeof credential === 'string') return credential
  const status = textOrNumber(fields, 'status')
  const connection = textOrNumber(fields, 'connection')
  const event: CallEvent = {
    kind: 'call',
    time,
    startTime: instant(fields, 'startTime'),
    caller,
    callee,
    callerVerified: flag(fields, 'callerVerified') ?? true,
    operation: text(fields, 'operation'),
    credential,
    origin: readOrigin(fields),
    connection: connection === undefined ? undefined : String(connection),
    connectionStartTime: instant(fields, 'connectionStartTime'),
    reporter: text(fields, 'reporter'),
    side: oneOf(fields, 'side', SIDES) ?? 'server',
    transport: oneOf(fields, 'transport', TRANSPORTS),
    status,
    denied: flag(fields, 'denied') ?? (Number(status) === 401 || Number(status) === 403),
    bytesIn: wholeAmount(fields, 'bytesIn'),
    bytesOut: wholeAmount(fields, 'bytesOut'),
    durationMs: amount(fields, 'durationMs'),
    count: wholeAmount(fields, 'count') ?? 1,
  }
  return fields.refused ?? event
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null
}

function readOrigin(fields: Fields): Origin | undefined {
  const row = object(fields, 'origin')
  if (row === undefined) return undefined
  const parts: Fields = { row, refused: undefined }
  const origin: Origin = {
    address: text(parts, 'address'),
    workload: text(parts, 'workload'),
    node: text(parts, 'node'),
    fingerprint: text(parts, 'fingerprint'),
  }
  fields.refused ??= parts.refused
  return origin
}
