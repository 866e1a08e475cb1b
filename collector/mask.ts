import { OPENINGS, openingAt } from './secret-openings.ts'

const ASTERISK = 42

/**
 * A copy of the bytes with recognised secrets overwritten by `*`, byte for byte, so that positions still agree. One
 * pass: an opening is found by a pattern that looks a bounded distance ahead, its end by a scan that the search then
 * goes on from, so the work grows with the length whatever the bytes are.
 */
export function maskSecrets(bytes: Uint8Array): Uint8Array {
  const masked = bytes.slice()
  // Latin-1 has one character for each byte; Windows-1252, which the label means here, moves some but keeps the count.
  const text = new TextDecoder('latin1').decode(bytes)
  OPENINGS.lastIndex = 0
  for (let match = OPENINGS.exec(text); match !== null; match = OPENINGS.exec(text)) {
    const opening = openingAt(match)
    const from = opening.isSecret ? match.index : match.index + match[0].length
    const to = Math.max(from, opening.end(text, match.index + match[0].length, match[0]))
    masked.fill(ASTERISK, from, to)
    OPENINGS.lastIndex = Math.max(to, match.index + 1)
  }
  return masked
}
