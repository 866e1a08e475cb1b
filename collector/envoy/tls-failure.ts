/**
 * Why a TLS handshake was refused, as a word from a closed list. Envoy writes BoringSSL's error text with
 * underscores for spaces. The text of a failed name match quotes the caller's certificate, so that case is looked for
 * first: its author chooses the words behind it.
 */
const FAILURES: readonly (readonly [needle: string, word: string])[] = [
  ['SAN_matcher', 'tls_name_not_allowed'],
  ['no_trust_bundle_store', 'tls_unknown_trust_domain'],
  ['certificate_revoked', 'tls_certificate_revoked'],
  ['certificate_has_expired', 'tls_certificate_expired'],
  ['certificate_is_not_yet_valid', 'tls_certificate_not_yet_valid'],
  ['issuer_certificate', 'tls_unknown_ca'],
  ['self_signed', 'tls_unknown_ca'],
  ['self-signed', 'tls_unknown_ca'],
  ['CRL', 'tls_crl_unusable'],
  ['PEER_DID_NOT_RETURN_A_CERTIFICATE', 'tls_no_certificate'],
  ['HTTP_REQUEST', 'tls_not_spoken'],
  ['WRONG_VERSION_NUMBER', 'tls_not_spoken'],
  ['_ALERT_', 'tls_refused_by_caller'],
  ['CERTIFICATE_VERIFY_FAILED', 'tls_certificate_refused'],
]

/** @param reason Envoy's DOWNSTREAM_TRANSPORT_FAILURE_REASON */
export function tlsFailure(reason: string): string {
  return FAILURES.find(([needle]) => reason.includes(needle))?.[1] ?? 'tls_refused'
}
