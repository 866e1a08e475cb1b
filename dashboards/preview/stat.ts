import { toneOf } from './colour.ts'
import type { PreviewPanel } from './model.ts'
import { lastOf, type Series } from './series.ts'
import { type Box, PALE_INK, round, text } from './svg.ts'
import { inUnit } from './unit.ts'

/** A number for each series, side by side. */
export function drawStat(panel: PreviewPanel, box: Box, series: readonly Series[]): string {
  const width = box.width / series.length
  return series
    .map((each, at) => {
      const value = lastOf(each)
      const colour = toneOf(panel, each.name, value)
      const words = inUnit(value, panel.fieldConfig?.defaults.unit)
      const middle = box.x + width * (at + 0.5)
      const size = Math.min(34, (width - 12) / (words.length * 0.62), box.height * 0.5)
      const spark =
        panel.options?.graphMode === 'area'
          ? sparkline(each, { ...box, x: box.x + width * at, width }, colour)
          : ''
      const name =
        series.length > 1
          ? text(middle, box.y + box.height - 6, each.name, {
              size: 12,
              colour: PALE_INK,
              anchor: 'middle',
              fit: width,
            })
          : ''
      const y = box.y + box.height * 0.5 + (series.length > 1 ? 4 : size * 0.25)
      return `${spark}${text(middle, y, words, { size: round(size), colour, anchor: 'middle', weight: 'bold' })}${name}`
    })
    .join('\n')
}

/** The time range behind the number, from 0 to the highest value. */
function sparkline({ points }: Series, box: Box, colour: string): string {
  if (points.length < 2) return ''
  const [start, end] = [points[0][0], points[points.length - 1][0]]
  const highest = Math.max(...points.map(([, value]) => value)) || 1
  const height = box.height * 0.4
  const bottom = box.y + box.height
  const path = points.map(([time, value]) => {
    const x = box.x + ((time - start) / (end - start)) * box.width
    return `${round(x)} ${round(bottom - (Math.max(0, value) / highest) * height)}`
  })
  return `<path d="M${box.x} ${bottom} L${path.join(' L')} L${box.x + box.width} ${bottom} z" fill="${colour}" fill-opacity="0.15"/>`
}
