import { LINE_COLOURS } from '../blocks/tone.ts'
import { drawTimeAxis, scaleOf, type TimeRange } from './axes.ts'
import type { PreviewPanel } from './model.ts'
import { type Series, stepOf } from './series.ts'
import { type Box, PALE_INK, RULE, round, text } from './svg.ts'
import { inUnit } from './unit.ts'

const SIZE = 11
const NAMES = 78

/** A row for each bucket, the largest bound on top; a cell is the darker the more it holds. */
export function drawHeatmap(
  panel: PreviewPanel,
  box: Box,
  { series, range }: { series: readonly Series[]; range: TimeRange },
): string {
  const buckets = bucketsOf(series)
  const most = Math.max(...buckets.flatMap(({ held }) => held.map(([, count]) => count))) || 1
  const plot = { x: box.x + NAMES, y: box.y + 4, width: box.width - NAMES - 8, height: box.height - 28 }
  const scale = scaleOf(plot, range, 1)
  const row = plot.height / buckets.length
  const width = Math.max(1, scale.x(range.start + stepOf(series)) - plot.x)
  const rows = buckets.map(({ bound, held }, at) => {
    const top = plot.y + plot.height - row * (at + 1)
    const name = Number.isFinite(bound) ? `≤ ${inUnit(bound, panel.fieldConfig?.defaults.unit)}` : 'more'
    const cells = held
      .filter(([time, count]) => count > 0 && time < range.end)
      .map(([time, count]) => {
        const x = scale.x(time)
        const cut = Math.min(width, plot.x + plot.width - x)
        return `<rect x="${round(x)}" y="${round(top)}" width="${round(cut)}" height="${round(row * 0.94)}" fill="${LINE_COLOURS[0]}" fill-opacity="${round(0.2 + (0.8 * count) / most)}"/>`
      })
    const label = text(plot.x - 8, top + row / 2 + 4, name, { size: SIZE, colour: PALE_INK, anchor: 'end' })
    return `<rect x="${plot.x}" y="${round(top)}" width="${plot.width}" height="${round(row * 0.94)}" fill="${RULE}" fill-opacity="0.35"/>${cells.join('')}${label}`
  })
  return [...rows, drawTimeAxis(plot, range)].join('\n')
}

interface Bucket {
  readonly bound: number
  readonly held: Series['points']
}

/** Prometheus counts up to each bound: what a bucket holds is that less the one below it. */
function bucketsOf(series: readonly Series[]): readonly Bucket[] {
  const cumulative = series
    .map(({ metric, points }) => ({ bound: Number(metric['le']?.replace('+Inf', 'Infinity')), points }))
    .sort((a, b) => a.bound - b.bound)
  return cumulative.map(({ bound, points }, at) => {
    const below = new Map(cumulative[at - 1]?.points)
    return {
      bound,
      held: points.map(([time, count]) => [time, Math.max(0, count - (below.get(time) ?? 0))] as const),
    }
  })
}
