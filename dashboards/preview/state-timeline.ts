import { drawTimeAxis, scaleOf, type TimeRange } from './axes.ts'
import { stateOf } from './colour.ts'
import type { PreviewPanel } from './model.ts'
import { runsOf, type Series, stepOf } from './series.ts'
import { type Box, PALE_INK, round, text, widthOf } from './svg.ts'

const SIZE = 13

/** A band for each series, in pieces of the same state. */
export function drawStateTimeline(
  panel: PreviewPanel,
  box: Box,
  drawn: { series: readonly Series[]; range: TimeRange },
): string {
  const { series, range } = drawn
  const names = Math.min(box.width * 0.4, Math.max(...series.map(({ name }) => widthOf(name, SIZE))) + 14)
  const plot = { x: box.x + names, y: box.y + 4, width: box.width - names - 8, height: box.height - 28 }
  const scale = scaleOf(plot, range, 1)
  const row = Math.min(plot.height / series.length, 60)
  const bands = series.map((each, at) => {
    const top = plot.y + row * at
    const middle = top + row * 0.45 + 4
    const pieces = piecesOf(each, { step: stepOf(series), end: range.end }).map(({ from, to, value }) => {
      const { text: words = '', color } = stateOf(panel, value)
      const [x, width] = [scale.x(from), scale.x(to) - scale.x(from)]
      const label =
        widthOf(words, SIZE) + 8 < width
          ? text(x + 8, middle, words, { size: SIZE, colour: '#ffffff', weight: 'bold' })
          : ''
      return `<rect x="${round(x)}" y="${round(top)}" width="${round(Math.max(1, width))}" height="${round(row * 0.8)}" fill="${color ?? PALE_INK}"/>${label}`
    })
    return `${text(plot.x - 8, middle, each.name, { size: SIZE, anchor: 'end', fit: names })}${pieces.join('')}`
  })
  return [...bands, drawTimeAxis({ ...plot, height: row * series.length }, range)].join('\n')
}

interface Piece {
  readonly from: number
  readonly to: number
  readonly value: number
}

/** @param end after which nothing is drawn */
function piecesOf(series: Series, { step, end }: { step: number; end: number }): readonly Piece[] {
  return runsOf(series, step).flatMap((run) => {
    const starts = run.filter(([, value], at) => at === 0 || run[at - 1][1] !== value)
    const last = Math.min(end, run[run.length - 1][0] + step)
    return starts.map(([from, value], at) => ({ from, to: starts[at + 1]?.[0] ?? last, value }))
  })
}
