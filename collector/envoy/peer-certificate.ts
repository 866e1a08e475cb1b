import {
  type CredentialRef,
  canonicalFingerprint,
  canonicalIssuer,
  canonicalSerial,
} from '../../domain/credential.ts'
import type { RejectReason } from '../../domain/reject.ts'
import { remember } from '../memo.ts'
import type { SourceContext } from '../parser.ts'
import { bounded, textOf } from '../value.ts'
import type { EnvoyRow } from './row.ts'

/** The certificate that the downstream peer showed: by serial number and issuer, else by fingerprint. */
export function peerCertificate(
  row: EnvoyRow,
  context: SourceContext,
): CredentialRef | RejectReason | undefined {
  const serial = textOf(row.downstream_peer_serial)
  if (serial === undefined) return byFingerprint(row)
  const issuer = textOf(row.downstream_peer_issuer)
  const known = context.memo.certificates.get(serial)
  if (known !== undefined && known.issuer === issuer) return known.ref
  const id = canonicalSerial(serial, 16)
  if (id === undefined) return 'invalid-credential'
  const name = issuer === undefined ? undefined : canonicalIssuer(bounded(issuer))
  const ref: CredentialRef = { kind: 'x509', issuer: name, id }
  return remember(context.memo.certificates, serial, { issuer, ref }).ref
}

function byFingerprint(row: EnvoyRow): CredentialRef | RejectReason | undefined {
  const text = textOf(row.downstream_peer_fingerprint_256)
  if (text === undefined) return undefined
  const id = canonicalFingerprint(text)
  return id === undefined ? 'invalid-credential' : { kind: 'x509-fingerprint', issuer: undefined, id }
}
