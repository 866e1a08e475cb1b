import { styleText } from 'node:util'

/** What commands print for people. Text that came from a log can hold anything: it is escaped before it is shown. */

/**
 * Everything that moves the cursor, recolours, retitles or reorders what a terminal shows: C0 and C1 controls,
 * DEL, line and paragraph separators, bidirectional overrides and isolates, invisible characters.
 */
const UNSAFE = /[\p{Cc}\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\p{Cs}]/gu

/** The text with unsafe characters, line breaks among them, as visible escapes: `\x1b`, `\u{202e}`. */
export function escapeForTerminal(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

export type Tone = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** What decides about colour: a stream, and the environment that it is written in. */
export interface Canvas {
  readonly isTTY?: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * A function that colours text for a terminal, and leaves it alone for a file or pipe, for `TERM=dumb`, and
 * where `NO_COLOR` is set to anything (no-color.org).
 */
export function painterFor({ isTTY, environment }: Canvas): (tone: Tone, text: string) => string {
  const isPlain = !isTTY || Boolean(environment['NO_COLOR']) || environment['TERM'] === 'dumb'
  return isPlain ? (_, text) => text : (tone, text) => styleText(tone, text, { validateStream: false })
}

/** Paints for standard output. */
export function paint(tone: Tone, text: string): string {
  return painterFor({ isTTY: process.stdout.isTTY, environment: process.env })(tone, text)
}
