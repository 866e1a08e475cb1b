import {
  type CredentialRef,
  canonicalFingerprint,
  canonicalIssuer,
  canonicalSerial,
} from '../../domain/credential.ts'
import type { RejectReason } from '../../domain/reject.ts'
import { identityOf } from '../identity-memo.ts'
import { type PeerCertificate, remember } from '../memo.ts'
import type { SourceContext } from '../parser.ts'
import { bounded, textOf } from '../value.ts'
import { firstName } from './names.ts'
import type { EnvoyRow } from './row.ts'

/**
 * The name and the certificate that the downstream peer showed. A certificate has one name and one issuer, so its
 * serial number alone finds what was read before.
 */
export function peerOf(row: EnvoyRow, context: SourceContext): PeerCertificate | RejectReason {
  const serial = textOf(row.downstream_peer_serial) ?? ''
  const known = context.memo.peers.get(serial)
  const name = textOf(row.downstream_peer_uri_san) ?? textOf(row.downstream_peer_dns_san)
  const issuer = textOf(row.downstream_peer_issuer)
  if (known !== undefined && known.name === name && known.issuer === issuer) return known
  const credential = serial === '' ? byFingerprint(row) : bySerial(serial, issuer)
  if (typeof credential === 'string') return credential
  const identity = name === undefined ? undefined : identityOf(firstName(name), context)
  const peer: PeerCertificate = { name, issuer, identity, credential }
  return serial !== '' && isShort(name) && isShort(issuer) ? remember(context.memo.peers, serial, peer) : peer
}

/** Refused certificates say what they like: only texts of ordinary length are kept. */
function isShort(text: string | undefined): boolean {
  return text === undefined || text.length <= 200
}

function bySerial(serial: string, issuer: string | undefined): CredentialRef | RejectReason {
  const id = canonicalSerial(serial, 16)
  if (id === undefined) return 'invalid-credential'
  return { kind: 'x509', issuer: issuer === undefined ? undefined : canonicalIssuer(bounded(issuer)), id }
}

function byFingerprint(row: EnvoyRow): CredentialRef | RejectReason | undefined {
  const text = textOf(row.downstream_peer_fingerprint_256)
  if (text === undefined) return undefined
  const id = canonicalFingerprint(text)
  return id === undefined ? 'invalid-credential' : { kind: 'x509-fingerprint', issuer: undefined, id }
}
