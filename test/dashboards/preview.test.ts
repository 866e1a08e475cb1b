import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { renderPreview } from '../../dashboards/preview/render.ts'
import { panelsOf, readDashboards } from './read-dashboards.ts'

const files = readDashboards()
const START = 1_760_000_000
const NOTHING = new Map()

/** Two series for each query, so that names, stacks and legends have something to do. */
function answersFor(dashboard: object) {
  const series = (name: string, factor: number) => ({
    metric: { severity: name, detector: name, stage: name, source: name, reason: name },
    values: Array.from({ length: 30 }, (_, at) => [START + at * 10, String(factor * at)] as const),
  })
  return new Map(
    panelsOf(dashboard as never).flatMap(({ id, targets = [] }) =>
      targets.map(({ refId }) => [`${id}/${refId}`, [series('one', 1), series('<two>', 3)]] as const),
    ),
  )
}

/** Numbers of attributes that place something. */
const placesIn = (svg: string): number[] =>
  [...svg.matchAll(/ (?:x|y|x1|y1|x2|y2|width|height)="(-?[\d.]+)"/g)].map(([, number]) => Number(number))

for (const { name, dashboard } of files) {
  test(`a preview of ${name} shows every panel in sight, inside the picture`, () => {
    const svg = renderPreview(dashboard, answersFor(dashboard))
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number)
    const inSight = dashboard.panels.filter(({ type }) => type !== 'row')
    assert.equal(svg.match(/rx="3"/g)?.length, inSight.length)
    assert.match(svg, /preview, not Grafana/)
    assert.doesNotMatch(svg, /NaN|undefined|Infinity|<two>/)
    const most = Math.max(width, height)
    assert.ok(placesIn(svg).every((place) => place >= 0 && place <= most))
  })

  test(`a preview of ${name} without answers says what to do`, () => {
    const svg = renderPreview(dashboard, NOTHING)
    for (const { fieldConfig } of dashboard.panels.filter(({ type }) => type !== 'row'))
      assert.ok(svg.includes(fieldConfig.defaults.noValue!.split(' ')[0]), fieldConfig.defaults.noValue)
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/)
  })
}

test('a preview draws values in their unit, in the colour of their threshold', () => {
  const panel = {
    id: 7,
    type: 'stat',
    title: 'Age',
    gridPos: { x: 0, y: 0, w: 6, h: 4 },
    targets: [{ refId: 'A', legendFormat: 'age' }],
    fieldConfig: {
      defaults: {
        unit: 's',
        thresholds: {
          steps: [
            { color: '#000001', value: null },
            { color: '#000002', value: 60 },
          ],
        },
      },
      overrides: [],
    },
  }
  const draw = (value: string) =>
    renderPreview(
      { title: 't', panels: [panel] },
      new Map([['7/A', [{ metric: {}, values: [[START, value]] }]]]),
    )
  assert.match(draw('90'), /fill="#000002">1\.5 min</)
  assert.match(draw('30'), /fill="#000001">30 s</)
  assert.match(draw('NaN'), />No data</)
})

test('the pictures of the documentation show the dashboards as they are', () => {
  for (const name of ['security-overview', 'pipeline-health']) {
    const path = `docs/pictures/dashboard-${name}.svg`
    assert.ok(existsSync(path), `run node dashboards/preview/main.ts to make ${path}`)
    const svg = readFileSync(path, 'utf8')
    const { dashboard } = files.find((file) => file.name === name)!
    const titles = [
      ...svg.matchAll(/font-size="13" font-weight="bold" text-anchor="start" fill="#1f2933">([^<]*)</g),
    ].map(([, title]) => title.replace('…', ''))
    for (const { title } of dashboard.panels.filter(({ type }) => type !== 'row'))
      assert.ok(
        titles.some((shown) => title.startsWith(shown)),
        `${path} has no ${title}: make it again`,
      )
  }
})
