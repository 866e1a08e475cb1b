import { clock, type TimeRange, timeRangeOf } from './axes.ts'
import { drawBarGauge } from './bar-gauge.ts'
import { drawHeatmap } from './heatmap.ts'
import type { Answers, PreviewDashboard, PreviewPanel } from './model.ts'
import { type Series, seriesOf } from './series.ts'
import { drawStat } from './stat.ts'
import { drawStateTimeline } from './state-timeline.ts'
import { type Box, escaped, linesOf, PALE_INK, RULE, text } from './svg.ts'
import { drawTable } from './table.ts'
import { drawTimeSeries } from './time-series.ts'

/** Grafana's grid: 24 columns, rows of 30 pixels and a gap. */
const GRID = { column: 50, row: 38, gap: 8, margin: 12 }
const HEAD = 64
const TITLE = 26

/**
 * A dashboard as SVG, from Prometheus' answers to its queries: what is in sight at first, with folded rows as lines. It
 * follows the grid and the colours of the dashboard and says that it is not Grafana.
 *
 * @param dashboard in Grafana's classic schema
 * @param answers by `${panelId}/${refId}`; a panel without one shows its text for that
 */
export function renderPreview(dashboard: object, answers: Answers): string {
  const { title, panels } = dashboard as PreviewDashboard
  const range = timeRangeOf(panels.flatMap((panel) => seriesOf(panel, answers)))
  const placed = stacked(panels)
  const width = GRID.column * 24 + GRID.margin * 2 - GRID.gap
  const height = HEAD + Math.max(...placed.map(({ box }) => box.y + box.height)) + GRID.margin
  const about = `preview, not Grafana: drawn from the answers of a Prometheus${range === undefined ? '' : `, ${clock(range.start)} to ${clock(range.end)} UTC`}`
  const drawn = placed.map(({ panel, box }) =>
    drawPanel(panel, { ...box, y: box.y + HEAD }, { answers, range }),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${escaped(`${title}: ${about}`)}</title>
<rect width="${width}" height="${height}" fill="#eef0f3"/>
${text(GRID.margin, 30, title, { size: 20, weight: 'bold' })}
${text(GRID.margin, 51, about, { size: 13, colour: PALE_INK })}
${drawn.join('\n')}
</svg>
`
}

interface Placed {
  readonly panel: PreviewPanel
  readonly box: Box
}

/** Panels in pixels. Grafana closes the room that folded rows would take when they are open, and so do we. */
function stacked(panels: readonly PreviewPanel[]): readonly Placed[] {
  let closed = 0
  let expected = 0
  return panels.map((panel) => {
    const { x, y, w, h } = panel.gridPos
    if (panel.type === 'row') closed = y - expected
    expected = Math.max(expected, y - closed + h)
    const box = {
      x: GRID.margin + x * GRID.column,
      y: (y - closed) * GRID.row,
      width: w * GRID.column - GRID.gap,
      height: h * GRID.row - GRID.gap,
    }
    return { panel, box }
  })
}

interface Asked {
  readonly answers: Answers
  readonly range: TimeRange | undefined
}

function drawPanel(panel: PreviewPanel, box: Box, { answers, range }: Asked): string {
  if (panel.type === 'row') return drawFolded(panel, box)
  const inner = { x: box.x + 4, y: box.y + TITLE, width: box.width - 8, height: box.height - TITLE - 6 }
  const series = seriesOf(panel, answers)
  const shown = series.length === 0 ? drawNothing(panel, inner) : drawData(panel, inner, { series, range })
  return `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="3" fill="#ffffff" stroke="${RULE}"/>
${text(box.x + 9, box.y + 18, panel.title, { size: 13, weight: 'bold', fit: box.width - 14 })}
${shown}`
}

function drawFolded({ title, panels = [] }: PreviewPanel, { x, y }: Box): string {
  const count = panels.length === 1 ? '1 panel' : `${panels.length} panels`
  return text(x + 4, y + 20, `▸ ${title} (${count})`, { size: 14, weight: 'bold' })
}

function drawData(
  panel: PreviewPanel,
  box: Box,
  { series, range }: { series: readonly Series[]; range: TimeRange | undefined },
): string {
  if (panel.type === 'stat') return drawStat(panel, box, series)
  if (panel.type === 'bargauge') return drawBarGauge(panel, box, series)
  if (panel.type === 'table') return drawTable(panel, box, series)
  if (range === undefined) return drawNothing(panel, box)
  if (panel.type === 'state-timeline') return drawStateTimeline(panel, box, { series, range })
  if (panel.type === 'heatmap') return drawHeatmap(panel, box, { series, range })
  if (panel.type === 'timeseries') return drawTimeSeries(panel, box, { series, range })
  throw new Error(`a preview cannot draw a panel of type ${panel.type}`)
}

function drawNothing(panel: PreviewPanel, box: Box): string {
  const lines = linesOf(panel.fieldConfig?.defaults.noValue ?? 'No data', 13, box.width - 16)
  const top = box.y + box.height / 2 - ((lines.length - 1) * 18) / 2
  const middle = box.x + box.width / 2
  return lines
    .map((line, at) => text(middle, top + at * 18, line, { size: 13, colour: PALE_INK, anchor: 'middle' }))
    .join('\n')
}
