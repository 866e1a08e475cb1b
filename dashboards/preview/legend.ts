import { type Box, PALE_INK, round, text, widthOf } from './svg.ts'

const SIZE = 12
const MARK = 22
const GAP = 14
const LINE = 18
const MOST_LINES = 2

interface Entry {
  readonly name: string
  readonly colour: string
  readonly dashes?: string
}

/** Pixels that a legend needs under a panel of this width. */
export function legendHeight(entries: readonly Entry[], width: number): number {
  return Math.min(MOST_LINES, placed(entries, width - 16).at(-1)?.line ?? 0) * LINE + LINE
}

/** Names of lines; those that do not fit are counted. */
export function drawLegend(entries: readonly Entry[], box: Box): string {
  const all = placed(entries, box.width)
  const shown = all.filter(({ line }) => line < MOST_LINES)
  const marks = shown.map(({ entry, x, line }) => {
    const y = box.y + line * LINE + 8
    const dashes = entry.dashes === undefined ? '' : ` stroke-dasharray="${entry.dashes}"`
    return `<line x1="${round(box.x + x)}" y1="${y}" x2="${round(box.x + x + MARK - 6)}" y2="${y}" stroke="${entry.colour}" stroke-width="3"${dashes}/>${text(box.x + x + MARK, y + 4, entry.name, { size: SIZE, colour: PALE_INK, fit: box.width - MARK })}`
  })
  return marks.join('\n')
}

function placed(entries: readonly Entry[], width: number) {
  let x = 0
  let line = 0
  return entries.map((entry) => {
    const needed = MARK + widthOf(entry.name, SIZE) + GAP
    if (x > 0 && x + needed > width) {
      x = 0
      line++
    }
    const place = { entry, x, line }
    x += needed
    return place
  })
}
