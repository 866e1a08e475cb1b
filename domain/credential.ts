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
  if (text.length > 128) return undefined
  const digits = radix === 10 ? fromDecimal(text) : fromHex(text)
  return digits === undefined || digits.length > 40 ? undefined : digits
}

function fromDecimal(text: string): string | undefined {
  return /^-?\d{1,50}$/.test(text) ? BigInt(text.replace('-', '')).toString(16) : undefined
}

function fromHex(text: string): string | undefined {
  const digits = /^-?(?:0x)?([0-9a-f]+)$/.exec(text.replace(/[: ]/g, '').toLowerCase())?.[1]
  return digits === undefined ? undefined : digits.replace(/^0+(?=.)/, '')
}

/**
 * A certificate fingerprint in canonical form: lower-case hex without separators.
 * @returns undefined when it is neither SHA-1 (40 digits) nor SHA-256 (64 digits)
 */
export function canonicalFingerprint(text: string): string | undefined {
  if (text.length > 128) return undefined
  const digits = text.replace(/[: ]/g, '').toLowerCase()
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(digits) ? digits : undefined
}

/**
 * The issuer of a certificate in one spelling. Sources write the same CA as a bare common name (step-ca), as an
 * RFC 2253 name (Envoy) or as `O = x, CN = y` (openssl): the common name is what all have. A name without one is
 * its attributes, sorted.
 */
export function canonicalIssuer(text: string): string {
  const attributes = (text.match(/(?:[^,\\]|\\.)+/g) ?? []).map(attributeOf)
  const common = attributes.find((attribute) => attribute.type.toUpperCase() === 'CN')
  if (common !== undefined && common.value !== '') return common.value
  if (!text.includes('=')) return text.trim()
  return attributes
    .map((attribute) => `${attribute.type}=${attribute.value}`)
    .sort()
    .join(',')
}

/** `O = Shop\, Inc` → type `O`, value `Shop, Inc`. */
function attributeOf(part: string): { readonly type: string; readonly value: string } {
  const equals = part.indexOf('=')
  const value = part
    .slice(equals + 1)
    .trim()
    .replace(/\\(.)/g, '$1')
  return { type: part.slice(0, Math.max(0, equals)).trim(), value }
}

/** One text that names a credential among all: the key of its row, and what decides its stream partition. */
export function credentialKey(credential: CredentialRef): string {
  return `${credential.kind}:${credential.id}`
}
