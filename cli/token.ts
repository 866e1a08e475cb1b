import { createHash, randomBytes } from 'node:crypto'

/** A bearer token and what the configuration keeps of it. */
export interface Token {
  /** `mw_` and 256 random bits in base64url. */
  readonly token: string
  /** SHA-256 of the whole token text, in lower-case hex. */
  readonly sha256: string
}

/** A token from 32 random bytes. */
export function tokenFrom(random: Uint8Array): Token {
  const token = `mw_${Buffer.from(random).toString('base64url')}`
  return { token, sha256: createHash('sha256').update(token).digest('hex') }
}

/** `meshwatch token`: prints a new token for its user, and the line that goes into the configuration. */
export function tokenCommand(print: (line: string) => void = console.log): void {
  const { token, sha256 } = tokenFrom(randomBytes(32))
  print(`token: ${token}`)
  print(`sha256: "${sha256}"`)
}
