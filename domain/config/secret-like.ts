const SECRET = new RegExp(
  [
    'whsec_',
    '\\bmw_',
    '\\beyJ[A-Za-z0-9_-]{6}',
    '-----BEGIN',
    '\\b(AKIA|ASIA)[A-Z0-9]{8}',
    '\\b(Basic|Bearer)\\s',
    '://[^/\\s]*@',
    '[A-Za-z0-9+/_-]{32}',
  ].join('|'),
  'i',
)

/**
 * True for a text that may be a secret: a known prefix, a URL with a user, or 32 characters of base64 in a row.
 * Wrong towards true, because it only decides whether a message repeats the text.
 */
export function isSecretLike(text: string): boolean {
  return SECRET.test(text)
}
