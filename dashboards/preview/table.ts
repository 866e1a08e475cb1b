import { toneOf } from './colour.ts'
import type { PreviewPanel } from './model.ts'
import { lastOf, type Series } from './series.ts'
import { type Box, PALE_INK, RULE, round, text } from './svg.ts'
import { inUnit } from './unit.ts'

const SIZE = 13
const ROW = 28

/** A row for each series, sorted as the panel says; rows that do not fit are counted. */
export function drawTable(panel: PreviewPanel, box: Box, series: readonly Series[]): string {
  const { indexByName = {}, renameByName = {} } = panel.transformations?.[0]?.options ?? {}
  const labels = Object.keys(renameByName).sort((a, b) => (indexByName[a] ?? 0) - (indexByName[b] ?? 0))
  const room = Math.floor(box.height / ROW) - 1
  const rows = [...series].sort((a, b) => lastOf(b) - lastOf(a))
  const shown = rows.length <= room ? rows : rows.slice(0, room - 1)
  const cells = shown.map((each) => labels.map((label) => cellOf(panel, each, label)))
  const columns = columnsOf([labels.map((label) => renameByName[label]), ...cells], box)
  const head = columns.map(({ x, width }, at) =>
    text(x, box.y + 18, renameByName[labels[at]], {
      size: SIZE,
      colour: PALE_INK,
      weight: 'bold',
      fit: width,
    }),
  )
  const body = shown.map((each, row) => {
    const y = box.y + ROW * (row + 1)
    const words = columns.map(({ x, width }, at) =>
      text(x, y + 19, cells[row][at], { size: SIZE, fit: width - 8, ...inkOf(panel, each, labels[at]) }),
    )
    return `<line x1="${round(box.x + 6)}" y1="${y}" x2="${round(box.x + box.width - 6)}" y2="${y}" stroke="${RULE}"/>${words.join('')}`
  })
  const left = rows.length - shown.length
  const more = { x: columns[0].x, y: box.y + ROW * (shown.length + 1) + 19 }
  return [
    ...head,
    ...body,
    left === 0 ? '' : text(more.x, more.y, `and ${left} more`, { size: SIZE, colour: PALE_INK }),
  ].join('\n')
}

/** Columns as wide as their longest words ask for, in all as wide as the box. */
function columnsOf(rows: readonly (readonly string[])[], box: Box) {
  const needs = rows[0].map((_, at) => Math.max(...rows.map((cells) => cells[at].length)) + 2)
  const share = (box.width - 16) / needs.reduce((sum, need) => sum + need, 0)
  let x = box.x + 10
  return needs.map((need) => {
    const column = { x, width: need * share }
    x += column.width
    return column
  })
}

function cellOf(panel: PreviewPanel, series: Series, label: string): string {
  if (label !== 'Value') return series.metric[label] ?? ''
  return inUnit(lastOf(series), panel.fieldConfig?.defaults.unit)
}

function inkOf(panel: PreviewPanel, series: Series, label: string): { readonly colour?: string } {
  const { thresholds } = panel.fieldConfig?.defaults ?? {}
  if (label !== 'Value' || (thresholds?.steps.length ?? 0) < 2) return {}
  return { colour: toneOf(panel, '', lastOf(series)) }
}
