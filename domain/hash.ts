/** Hash functions are passed into the core, which has no Node types: SHA-256 of UTF-8 text, in lower-case hex. */
export type Sha256Hex = (text: string) => string

/** A derived id: the first 128 bits of SHA-256 over the parts, which are joined by a character none of them holds. */
export function derivedId(sha256Hex: Sha256Hex, parts: readonly string[]): string {
  return sha256Hex(parts.join('\u0000')).slice(0, 32)
}

/** 32-bit FNV-1a over UTF-16 code units: spreads keys over partitions and tables; no defence against an attacker. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
