import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** SHA-256 of UTF-8 text, in lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** HMAC-SHA-256 of UTF-8 text under a key, in lower-case hex. */
export function hmacHex(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

/** A fresh key of 32 random bytes. */
export function randomKey(): Uint8Array {
  return randomBytes(32)
}

/** True when both texts are equal, in a time that does not tell where they differ. */
export function equalInConstantTime(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
