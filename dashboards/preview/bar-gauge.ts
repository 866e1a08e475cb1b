import { toneOf } from './colour.ts'
import type { PreviewPanel } from './model.ts'
import { lastOf, type Series } from './series.ts'
import { type Box, RULE, round, text, widthOf } from './svg.ts'
import { inUnit } from './unit.ts'

const SIZE = 13
const THICKEST = 26

/** A bar for each series, its name before it, its value behind it. */
export function drawBarGauge(panel: PreviewPanel, box: Box, series: readonly Series[]): string {
  const highest = Math.max(...series.map(lastOf)) || 1
  const names = Math.min(box.width * 0.45, Math.max(...series.map(({ name }) => widthOf(name, SIZE))) + 16)
  const row = Math.min(box.height / series.length, THICKEST * 1.8)
  const room = box.width - names - 70
  return series
    .map((each, at) => {
      const value = lastOf(each)
      const thick = Math.min(THICKEST, row * 0.6)
      const top = box.y + row * (at + 0.5) - thick / 2
      const left = box.x + names
      const width = round((Math.max(0, value) / highest) * room)
      const middle = top + thick / 2 + 4
      return `${text(left - 8, middle, each.name, { size: SIZE, anchor: 'end', fit: names - 12 })}<rect x="${round(left)}" y="${round(top)}" width="${round(room)}" height="${round(thick)}" fill="${RULE}" fill-opacity="0.5"/><rect x="${round(left)}" y="${round(top)}" width="${width}" height="${round(thick)}" fill="${toneOf(panel, each.name, value)}"/>${text(left + room + 8, middle, inUnit(value, panel.fieldConfig?.defaults.unit), { size: SIZE, weight: 'bold' })}`
    })
    .join('\n')
}
