import {
  CREDENTIAL_KINDS,
  type CredentialKind,
  type CredentialRef,
  canonicalFingerprint,
  canonicalIssuer,
  canonicalSerial,
  isBearerSecret,
} from '../../domain/credential.ts'
import type { RejectReason } from '../../domain/reject.ts'
import type { JsonObject } from '../json.ts'
import type { SourceContext } from '../parser.ts'
import { bounded } from '../value.ts'

/** Longest id that is a name of a credential; a longer bearer secret is hashed whole. */
const MAX_ID_LENGTH = 512

/**
 * A credential as our own format writes it. A serial number or fingerprint that is not hex names something all the
 * same: it keeps its text under the kind `other`, on calls and on lifecycle steps alike, so that they still join.
 */
export function readCredential(input: JsonObject, context: SourceContext): CredentialRef | RejectReason {
  const { kind, id, issuer } = input
  if (isAbsent(kind) || isAbsent(id)) return 'invalid-credential'
  if (typeof kind !== 'string' || typeof id !== 'string') return 'wrong-type'
  if (!isAbsent(issuer) && typeof issuer !== 'string') return 'wrong-type'
  const name = isAbsent(issuer) ? undefined : bounded(issuer as string)
  if (isBearerSecret(kind, id)) return { kind: kindOf(kind), issuer: name, id: context.hmac(id) }
  if (id.length > MAX_ID_LENGTH || !id.isWellFormed()) return 'invalid-credential'
  const canonical = kind === 'x509' ? canonicalSerial(id, 16) : fingerprint(kind, id)
  if (canonical === undefined) return { kind: 'other', issuer: name, id }
  const isCertificate = kind === 'x509' || kind === 'x509-fingerprint'
  return {
    kind: kindOf(kind),
    issuer: isCertificate && name !== undefined ? canonicalIssuer(name) : name,
    id: canonical,
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function fingerprint(kind: string, id: string): string | undefined {
  return kind === 'x509-fingerprint' ? canonicalFingerprint(id) : id
}

function kindOf(word: string): CredentialKind {
  return CREDENTIAL_KINDS.find((kind) => kind === word) ?? 'other'
}
