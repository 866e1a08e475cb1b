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
  const width = (box.width - 16) / labels.length
  const room = Math.floor(box.height / ROW) - 1
  const rows = [...series].sort((a, b) => lastOf(b) - lastOf(a))
  const shown = rows.length <= room ? rows : rows.slice(0, room - 1)
  const xOf = (at: number) => box.x + 10 + width * at
  const head = labels.map((label, at) =>
    text(xOf(at), box.y + 18, renameByName[label], {
      size: SIZE,
      colour: PALE_INK,
      weight: 'bold',
      fit: width,
    }),
  )
  const body = shown.map((each, row) => {
    const y = box.y + ROW * (row + 1)
    const cells = labels.map((label, at) =>
      text(xOf(at), y + 19, cellOf(panel, each, label), {
        size: SIZE,
        fit: width - 8,
        ...inkOf(panel, each, label),
      }),
    )
    return `<line x1="${round(box.x + 6)}" y1="${y}" x2="${round(box.x + box.width - 6)}" y2="${y}" stroke="${RULE}"/>${cells.join('')}`
  })
  const left = rows.length - shown.length
  const more =
    left === 0
      ? ''
      : text(xOf(0), box.y + ROW * (shown.length + 1) + 19, `and ${left} more`, {
          size: SIZE,
          colour: PALE_INK,
        })
  return [...head, ...body, more].join('\n')
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
