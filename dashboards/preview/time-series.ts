import { drawTimeAxis, drawValueAxis, roundedUp, type Scale, scaleOf, type TimeRange } from './axes.ts'
import { lineOf } from './colour.ts'
import { drawLegend, legendHeight } from './legend.ts'
import type { PreviewPanel } from './model.ts'
import type { Series } from './series.ts'
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
  const shapes = isStacked
    ? drawBars(panel, series, { scale, plot })
    : series.map((each, at) => drawLine(panel, each, { at, scale })).join('\n')
  return [
    drawValueAxis(plot, highest, unit),
    drawTimeAxis(plot, range),
    drawThresholds(panel, plot, { scale, highest }),
    shapes,
    drawLegend(entries, { x: box.x + 8, y: box.y + box.height - low, width: box.width - 16, height: low }),
  ].join('\n')
}

function drawLine(
  panel: PreviewPanel,
  { name, points }: Series,
  { at, scale }: { at: number; scale: Scale },
): string {
  const { colour, dashes } = lineOf(panel, name, at)
  const path = points.map(([time, value]) => `${round(scale.x(time))},${round(scale.y(value))}`).join(' ')
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashes === undefined ? '' : ` stroke-dasharray="${dashes}"`}/>`
}

function drawBars(
  panel: PreviewPanel,
  series: readonly Series[],
  { scale, plot }: { scale: Scale; plot: Box },
): string {
  const steps = new Set(series.flatMap(({ points }) => points.map(([time]) => time))).size
  const width = Math.max(2, (plot.width / Math.max(1, steps)) * 0.8)
  const heights = new Map<number, number>()
  const bars = series.flatMap(({ name, points }, at) => {
    const { colour } = lineOf(panel, name, at)
    return points
      .filter(([, value]) => value > 0)
      .map(([time, value]) => {
        const below = heights.get(time) ?? 0
        heights.set(time, below + value)
        const [top, bottom] = [scale.y(below + value), scale.y(below)]
        const x = Math.min(Math.max(plot.x, scale.x(time) - width / 2), plot.x + plot.width - width)
        return `<rect x="${round(x)}" y="${round(top)}" width="${round(width)}" height="${round(bottom - top)}" fill="${colour}"/>`
      })
  })
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
