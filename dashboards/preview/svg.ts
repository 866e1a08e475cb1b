export const INK = '#1f2933'
export const PALE_INK = '#52606d'
export const RULE = '#d5dae0'

const FONT = 'font-family="DejaVu Sans, Verdana, Helvetica, sans-serif"'
/** Mean width of a character of these fonts, as a share of the size. They are wide: other fonts need less. */
const CHARACTER_WIDTH = 0.6

/** A rectangle in pixels. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface TextStyle {
  readonly size: number
  readonly colour?: string
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly weight?: 'normal' | 'bold'
  /** Pixels after which it is cut. */
  readonly fit?: number
}

/** One line of text; what does not fit ends in an ellipsis. */
export function text(x: number, y: number, words: string, style: TextStyle): string {
  const { size, colour = INK, anchor = 'start', weight = 'normal', fit = Number.POSITIVE_INFINITY } = style
  return `<text x="${round(x)}" y="${round(y)}" ${FONT} font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${colour}">${escaped(cut(words, fit / (size * CHARACTER_WIDTH)))}</text>`
}

/** Estimated width in pixels. */
export function widthOf(words: string, size: number): number {
  return words.length * size * CHARACTER_WIDTH
}

/** Breaks words into lines of at most so many pixels. */
export function linesOf(words: string, size: number, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of words.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines[lines.length - 1]} ${word}`
    if (lines.length > 0 && widthOf(longer, size) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

export function round(pixels: number): number {
  return Math.round(pixels * 10) / 10
}

export function escaped(words: string): string {
  const NAMES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return words.replace(/[&<>"]/g, (character) => NAMES[character])
}

function cut(words: string, most: number): string {
  return words.length <= most ? words : `${words.slice(0, Math.max(1, Math.floor(most) - 1)).trimEnd()}…`
}
