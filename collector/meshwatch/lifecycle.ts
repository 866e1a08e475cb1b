import type { CredentialRef } from '../../domain/credential.ts'
import { LIFECYCLE_ACTIONS, type LifecycleEvent } from '../../domain/event.ts'
import type { RejectReason } from '../../domain/reject.ts'
import { identityOf } from '../identity-memo.ts'
import type { JsonObject } from '../json.ts'
import type { SourceContext } from '../parser.ts'
import { instantOf } from '../value.ts'
import { readCredential } from './credential.ts'
import { type Fields, instant, object, oneOf, text } from './field.ts'

/** One step in a credential's life, or why it is refused. */
export function readLifecycle(row: JsonObject, context: SourceContext): LifecycleEvent | RejectReason {
  const time = instantOf(row.time)
  if (typeof time === 'string') return time
  const fields: Fields = { row, refused: undefined }
  const action = oneOf(fields, 'action', LIFECYCLE_ACTIONS)
  if (action === undefined) return fields.refused ?? 'missing-field'
  const identity = readIdentity(fields, context)
  if (identity === '') return 'invalid-identity'
  const credential = readRef(fields, 'credential', context)
  const previous = readRef(fields, 'previous', context)
  const event: LifecycleEvent = {
    kind: 'lifecycle',
    time,
    action,
    identity,
    credential,
    previous,
    notBefore: instant(fields, 'notBefore'),
    notAfter: instant(fields, 'notAfter'),
    actor: text(fields, 'actor'),
    address: text(fields, 'address'),
    reason: text(fields, 'reason'),
  }
  return fields.refused ?? event
}

function readIdentity(fields: Fields, context: SourceContext): string | undefined {
  const { identity } = fields.row
  if (identity === undefined || identity === null || identity === '') return undefined
  if (typeof identity === 'string') return identityOf(identity, context)
  fields.refused ??= 'wrong-type'
  return undefined
}

function readRef(fields: Fields, key: string, context: SourceContext): CredentialRef | undefined {
  const input = object(fields, key)
  const ref = input && readCredential(input, context)
  if (typeof ref !== 'string') return ref
  fields.refused ??= ref
  return undefined
}
