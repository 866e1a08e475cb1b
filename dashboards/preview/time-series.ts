import { drawTimeAxis, drawValueAxis, roundedUp, type Scale, scaleOf, type TimeRange } from './axes.ts'
import { lineOf } from './colour.ts'
import { drawLegend, legendHeight } from './legend.ts'
import type { PreviewPanel } from './model.ts'
import { runsOf, type Series, stepOf } from './series.ts'
import { type Box, round } from './svg.ts'

const AXIS = { left: 62, bottom: 20 }

/** Lines, or stacked bars, with axes and a legend. */
export function drawTimeSeries(
  panel: PreviewPanel,
  box: Box,
  drawn: { series: readonly Series[]; range: TimeRange },
): string {
  const { series, range } = drawn
  const { unit, custom } = panel.fieldConfig?.defaults ?? {}
  const isStacked = custom?.drawStyle === 'bars'
  const entries = series.map(({ name }, at) => ({ name, ...lineOf(panel, name, at) }))
  const low = legendHeight(entries, box.width)
  const plot = {
    x: box.x + AXIS.left,
    y: box.y + 6,
    width: box.width - AXIS.left - 8,
    height: box.height - AXIS.bottom - low - 6,
  }
  const highest = roundedUp(isStacked ? highestStack(series) : highestPoint(series))
  const scale = scaleOf(plot, range, highest)
  const drawing = { scale, plot, step: stepOf(series) }
  const shapes = isStacked
    ? drawBars(entries, series, drawing)
    : series.map((each, at) => drawLine(entries[at], each, drawing)).join('\n')
  return [
    drawValueAxis(plot, highest, unit),
    drawTimeAxis(plot, range),
    drawThresholds(panel, plot, { scale, highest }),
    shapes,
    drawLegend(entries, { x: box.x + 8, y: box.y + box.height - low, width: box.width - 16, height: low }),
  ].join('\n')
}

interface Plot {
  readonly plot: Box
  readonly scale: Scale
  /** Seconds between two points. */
  readonly step: number
}

function drawLine(line: { colour: string; dashes?: string }, series: Series, { scale, step }: Plot): string {
  const dashes = line.dashes === undefined ? '' : ` stroke-dasharray="${line.dashes}"`
  const place = ([time, value]: readonly [number, number]) =>
    `${round(scale.x(time))},${round(scale.y(value))}`
  return runsOf(series, step)
    .map((run) => run.map(place).join(' '))
    .map(
      (path) => `<polyline points="${path}" fill="none" stroke="${line.colour}" stroke-width="2"${dashes}/>`,
    )
    .join('\n')
}

function drawBars(
  entries: readonly { colour: string }[],
  series: readonly Series[],
  { scale, plot, step }: Plot,
): string {
  const width = Math.max(2, (scale.x(step) - scale.x(0)) * 0.8)
  const heights = new Map<number, number>()
  const bars = series.flatMap(({ points }, at) =>
    points
      .filter(([, value]) => value > 0)
      .map(([time, value]) => {
        const below = heights.get(time) ?? 0
        heights.set(time, below + value)
        const [top, bottom] = [scale.y(below + value), scale.y(below)]
        const x = Math.min(Math.max(plot.x, scale.x(time) - width / 2), plot.x + plot.width - width)
        return `<rect x="${round(x)}" y="${round(top)}" width="${round(width)}" height="${round(bottom - top)}" fill="${entries[at].colour}"/>`
      }),
  )
  return bars.join('\n')
}

/** Dashed lines where a value begins to mean something, as far as they are in sight. */
function drawThresholds(
  panel: PreviewPanel,
  plot: Box,
  { scale, highest }: { scale: Scale; highest: number },
): string {
  const { thresholds, custom } = panel.fieldConfig?.defaults ?? {}
  if (custom?.thresholdsStyle?.mode !== 'dashed') return ''
  return (thresholds?.steps ?? [])
    .filter(({ value }) => value !== null && value <= highest)
    .map(({ color, value }) => {
      const y = round(scale.y(value ?? 0))
      return `<line x1="${plot.x}" y1="${y}" x2="${plot.x + plot.width}" y2="${y}" stroke="${color}" stroke-dasharray="8 6"/>`
    })
    .join('\n')
}

function highestPoint(series: readonly Series[]): number {
  return Math.max(...series.flatMap(({ points }) => points.map(([, value]) => value)))
}

function highestStack(series: readonly Series[]): number {
  const sums = new Map<number, number>()
  for (const { points } of series)
    for (const [time, value] of points) sums.set(time, (sums.get(time) ?? 0) + value)
  return Math.max(...sums.values())
}
