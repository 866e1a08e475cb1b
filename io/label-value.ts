import { fnv1a } from '../domain/hash.ts'

const MOST_CHARACTERS = 64
/** Plain ASCII has one byte a character, so that twice as many stay far below the 256 bytes at which scrapes may fail. */
const MOST_ASCII = 128
const ASCII = /^[ -~]*$/
/** What a terminal or a browser would obey instead of showing, and halves of characters, which break a scrape. */
const UNSHOWN = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu

/**
 * A text as the value of a label: NFC, without control and bidi characters, at most 64 characters, or 128 of plain
 * ASCII, so that names of workloads stay whole. One that had to be changed ends with a short hash of what it was, so
 * that two of them do not become one.
 */
export function labelValue(text: string): string {
  const shown = text.replace(UNSHOWN, '').normalize('NFC')
  const characters = [...shown]
  const most = ASCII.test(shown) ? MOST_ASCII : MOST_CHARACTERS
  if (shown === text && shown !== '' && characters.length <= most) return text
  const hash = `~${fnv1a(text).toString(16).padStart(8, '0')}`
  return characters.slice(0, most - hash.length).join('') + hash
}
