/**
 * A credential by reference: never the secret itself. An X.509 certificate is known by its serial number in
 * lower-case hex without leading zeros, together with its issuer; a bearer secret by its keyed HMAC.
 */
export const CREDENTIAL_KINDS = [
  'x509',
  'x509-fingerprint',
  'jwt',
  'token',
  'api-key',
  'access-key',
  'client-secret',
  'other',
] as const

export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]

export interface CredentialRef {
  readonly kind: CredentialKind
  /** Canonical issuer (see {@link canonicalIssuer}); absent when the source does not say. */
  readonly issuer?: string
  readonly id: string
}

/** Kinds whose id, as a log may show it, is the secret itself. */
const BEARER: ReadonlySet<string> = new Set(['token', 'api-key', 'client-secret'])

const JWT = /^eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/

/** True when an id of this kind must be replaced by its keyed HMAC before it goes anywhere. */
export function isBearerSecret(kind: string, id: string): boolean {
  return (BEARER.has(kind) && !id.startsWith('hmac-sha256:')) || JWT.test(id)
}

/**
 * A certificate serial number in canonical form: lower-case hex, no separators, no leading zeros (`0` for zero).
 * @param text decimal or hex digits; hex may be upper case, separated by `:` or spaces, prefixed by `0x`, padded
 * @param radix decided by the source, never by looks: a number of digits only is ambiguous
 * @returns the canonical form, or undefined when the text is no number of that radix or over 40 hex digits (RFC 5280: 20 octets)
 */
export function canonicalSerial(text: string, radix: 10 | 16): string | undefined {
  if (radix === 10) {
    if (!/^-?\d{1,50}$/.test(text)) return undefined
    return BigInt(text.replace('-', '')).toString(16)
  }
  if (text.length > 128) return undefined
  const digits = text
    .replace(/[:\s]/g, '')
    .replace(/^-?(0x)?0*/i, '')
    .toLowerCase()
  if (!/^[0-9a-f]{0,40}$/.test(digits) || text.length === 0) return undefined
  return digits === '' ? '0' : digits
}

/**
 * The issuer of a certificate in one spelling. Sources write the same CA as a bare common name (step-ca), as an
 * RFC 2253 name (Envoy) or as `O = x, CN = y` (openssl): the common name is what all have. A name without one is
 * its attributes, sorted.
 */
export function canonicalIssuer(text: string): string {
  const attributes = text.match(/(?:[^,\\]|\\.)+/g) ?? []
  const common = attributes
    .map((part) => /^\s*CN\s*=\s*(.+?)\s*$/i.exec(part)?.[1])
    .find((name) => name !== undefined)
  if (common !== undefined) return common
  if (!text.includes('=')) return text.trim()
  return attributes
    .map((part) => part.trim().replace(/\s*=\s*/, '='))
    .sort()
    .join(',')
}

/** One text that names a credential among all: the key of its row, and what decides its stream partition. */
export function credentialKey(credential: CredentialRef): string {
  return `${credential.kind}:${credential.id}`
}
