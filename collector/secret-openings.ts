/**
 * How secrets begin in log lines, and where each kind ends. Patterns use bounded repetition only: one that fails has
 * looked at a fixed number of characters.
 */
export interface Opening {
  readonly pattern: string
  /** The opening is part of the secret (a token's first letters), not what announces it (a key and a colon). */
  readonly isSecret: boolean
  /** Index after the secret's last character. @param from index after the opening */
  readonly end: (text: string, from: number, opening: string) => number
}

const KEY =
  'password|passwd|passphrase|pwd|secret|secret[-_]?(?:access[-_]?)?key|token|ott|api[-_]?key|private[-_]?key|' +
  'credential|signature|authorization|cookie|session[-_]?id'

/** `key=`, `key: `, `"key": "`, and the same inside a JSON string, where quotes have backslashes. */
const ASSIGNMENT = `(?:${KEY})(?:\\\\{0,3}["'])?[ \\t]{0,3}[:=][ \\t]{0,3}`

/** A credential of our own format whose id is the secret, with the kind on either side of the id. */
const BEARER_KIND = '"(?:token|api-key|client-secret)"'
const KIND_THEN_ID = `${BEARER_KIND}[^{}]{0,64}"id"[ ]{0,3}:[ ]{0,3}"`
const ID_THEN_KIND = `"id"[ ]{0,3}:[ ]{0,3}"(?=[^"]{0,64}"[^{}]{0,64}"kind"[ ]{0,3}:[ ]{0,3}${BEARER_KIND})`

const LIST: readonly Opening[] = [
  { pattern: '-----BEGIN [A-Z0-9 ]{0,24}PRIVATE KEY-----', isSecret: false, end: pemEnd },
  { pattern: 'eyJ[\\w-]{8}', isSecret: true, end: wordEnd },
  { pattern: '\\b(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])', isSecret: true, end: (_, from) => from },
  { pattern: '\\bwhs(?:ec|k)_', isSecret: false, end: wordEnd },
  { pattern: `${ASSIGNMENT}(?:\\\\{0,3}["'])(?:(?:bearer|basic)[ ]{1,3})?`, isSecret: false, end: quotedEnd },
  { pattern: `cookie[:=][ \\t]{0,3}`, isSecret: false, end: lineEnd },
  { pattern: `${ASSIGNMENT}(?:(?:bearer|basic)[ ]{1,3})?(?![\\[{])`, isSecret: false, end: bareEnd },
  { pattern: KIND_THEN_ID, isSecret: false, end: quotedEnd },
  { pattern: ID_THEN_KIND, isSecret: false, end: quotedEnd },
  { pattern: '\\b(?:bearer|basic)(?:[ ]{1,3}|%20)', isSecret: false, end: wordEnd },
  {
    pattern: ':\\/\\/(?=[^\\s\\/?#"\'@\\\\]{1,256}@)',
    isSecret: false,
    end: (text, from) => text.indexOf('@', from),
  },
]

/** Finds the next opening. Stateful through `lastIndex`, which its only caller sets. */
export const OPENINGS = new RegExp(LIST.map(({ pattern }) => `(${pattern})`).join('|'), 'gi')

export function openingAt(match: RegExpExecArray): Opening {
  return LIST[match.findIndex((group, i) => i > 0 && group !== undefined) - 1]
}

/** Runs on while `belongs` holds. */
function runEnd(text: string, from: number, belongs: (code: number) => boolean): number {
  let at = from
  while (at < text.length && belongs(text.charCodeAt(at))) at++
  return at
}

/** Letters, digits and `- _ . ~ + / =`: Base64, Base64url and percent-encoding (RFC 6750, `b68token`). */
function wordEnd(text: string, from: number): number {
  return runEnd(
    text,
    from,
    (code) =>
      (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) ||
      (code >= 45 && code <= 57) ||
      code === 95 ||
      code === 126 ||
      code === 43 ||
      code === 61 ||
      code === 37,
  )
}

/** Up to white space, a quote, a backslash or one of `& , ; } ]`. */
function bareEnd(text: string, from: number): number {
  return runEnd(text, from, (code) => code > 32 && !BARE_STOPS.has(code))
}

const BARE_STOPS: ReadonlySet<number> = new Set(Array.from('"\'\\&,;}]', (stop) => stop.charCodeAt(0)))

/** Up to the quote that opened it. Inside a JSON string, where that quote has a backslash, up to any backslash. */
function quotedEnd(text: string, from: number, opening: string): number {
  const quoteAt = Math.max(opening.lastIndexOf('"'), opening.lastIndexOf("'"))
  const quote = opening.charCodeAt(quoteAt)
  if (opening.charCodeAt(quoteAt - 1) === 92) return runEnd(text, from, (code) => code !== 92)
  let at = from
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === 92 ? 2 : 1
  return Math.min(at, text.length)
}

function lineEnd(text: string, from: number): number {
  return runEnd(text, from, (code) => code !== 10 && code !== 13 && code !== 34 && code !== 92)
}

function pemEnd(text: string, from: number): number {
  const end = text.indexOf('-----END', from)
  return end < 0 ? text.length : end
}
