/** Why calls were refused, in few words: what a status in a log comes down to. */
export const DENIAL_REASONS = [
  'unauthenticated',
  'forbidden',
  'certificate-revoked',
  'certificate-expired',
  'handshake',
  'other',
] as const
export type DenialReason = (typeof DENIAL_REASONS)[number]

const REASONS: ReadonlyMap<string, DenialReason> = new Map([
  ['401', 'unauthenticated'],
  ['Unauthenticated', 'unauthenticated'],
  ['UNAUTHENTICATED', 'unauthenticated'],
  ['403', 'forbidden'],
  ['PermissionDenied', 'forbidden'],
  ['PERMISSION_DENIED', 'forbidden'],
  ['tls_certificate_revoked', 'certificate-revoked'],
  ['tls_certificate_expired', 'certificate-expired'],
])

/** @param status of a refused call, as text: an HTTP status, a gRPC status name or a word of a parser; '' for none */
export function denialReason(status: string): DenialReason {
  return REASONS.get(status) ?? (status.startsWith('tls_') ? 'handshake' : 'other')
}
