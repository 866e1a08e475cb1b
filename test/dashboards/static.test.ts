import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { detectors } from '../../analyzer/registry.ts'
import { DETECTORS } from '../../dashboards/panels/findings.ts'
import { CATALOGUE, type MetricDeclaration } from '../../io/metric-catalogue.ts'
import { catalogueSeries, otherSeries } from './metric-names.ts'
import { type Dashboard, expressionsOf, type Panel, panelsOf, readDashboards } from './read-dashboards.ts'
import { selectorsOf } from './selectors.ts'

const files = readDashboards()
const DAY_SECONDS = 86_400
const UNIT_SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: DAY_SECONDS,
  w: 7 * DAY_SECONDS,
}

/** Metrics that neither a panel nor a rule needs, and why. */
const EXCUSED: Readonly<Record<string, string>> = {}

const secondsOf = (duration: string): number =>
  Number.parseFloat(duration) * (UNIT_SECONDS[duration.slice(-1)] ?? Number.NaN)
const variableNames = ({ templating }: Dashboard): string[] => templating.list.map(({ name }) => name)
const linksOf = (dashboard: Dashboard) => [
  ...dashboard.links,
  ...panelsOf(dashboard).flatMap(({ links = [] }) => links),
]

test('each uid is there once, and fits in 40 characters', () => {
  const uids = files.map(({ dashboard }) => dashboard.uid)
  assert.equal(new Set(uids).size, uids.length)
  for (const uid of uids) assert.match(uid, /^[a-z-]{1,40}$/)
})

for (const { name, text, dashboard } of files) {
  test(`${name} works untouched with one Prometheus`, () => {
    for (const word of ['__inputs', '__requires', `\${DS_`]) assert.ok(!text.includes(word), word)
    const uids = [...text.matchAll(/"datasource": \{[^}]*"uid": "([^"]*)"/g)].map(([, uid]) => uid)
    assert.ok(uids.length > 20)
    assert.deepEqual([...new Set(uids)], [`\${datasource}`])
  })

  test(`${name} has at most 30 panels, 15 of them in sight`, () => {
    const inSight = dashboard.panels.filter(({ type }) => type !== 'row')
    assert.ok(panelsOf(dashboard).length <= 30 && inSight.length <= 15)
    for (const { type, collapsed } of dashboard.panels) assert.ok(type !== 'row' || collapsed)
  })

  test(`${name} has ids once, and panels that do not overlap`, () => {
    const all = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
    for (const [at, panel] of all.entries()) {
      assert.ok(panel.gridPos.x + panel.gridPos.w <= 24, panel.title)
      for (const other of all.slice(at + 1))
        assert.ok(!isOverlap(panel, other), `${panel.title}, ${other.title}`)
    }
  })

  test(`${name} says what to do where there is no data`, () => {
    for (const { title, type, fieldConfig } of panelsOf(dashboard)) {
      const { noValue = '' } = fieldConfig.defaults
      assert.ok(noValue.length > 10, title)
      // A big number's text is drawn in one line.
      if (type === 'stat') assert.ok(noValue.length <= 40, `${title}: ${noValue}`)
    }
  })

  test(`${name} has titles that fit, each once`, () => {
    const panels = panelsOf(dashboard)
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length)
    for (const { title, gridPos } of panels) assert.ok(title.length <= gridPos.w * 5.5, title)
  })

  test(`${name} links to dashboards that exist, with their variables, and to the API`, () => {
    const links = linksOf(dashboard)
    const others = links.filter(({ url }) => url.startsWith('/d/'))
    for (const { title, url, includeVars, keepTime } of others) {
      const target = files.find((file) => url.split('?')[0] === `/d/${file.dashboard.uid}`)
      assert.ok(target !== undefined, `${title} leads nowhere`)
      assert.deepEqual(variableNames(target.dashboard), variableNames(dashboard))
      const isKept = url.includes(`\${__url_time_range}&\${__all_variables}`)
      assert.ok(isKept || (includeVars && keepTime), title)
    }
    assert.equal(
      new Set(dashboard.links.filter((link) => others.includes(link)).map(({ url }) => url)).size,
      3,
    )
    for (const { url } of links.filter((link) => !others.includes(link)))
      assert.match(url, /^\$\{api:raw\}\/v1\//)
  })

  test(`${name} asks Prometheus for no more than it should`, () => {
    assert.ok(secondsOf(dashboard.refresh) >= 10)
    assert.ok(secondsOf(dashboard.time.from.slice('now-'.length)) <= 30 * DAY_SECONDS)
    for (const { at, expr } of expressionsOf(dashboard))
      for (const { range } of selectorsOf(expr))
        if (range !== undefined && range !== '$__rate_interval')
          assert.ok(secondsOf(range) <= 30 * DAY_SECONDS, `${at}: ${range}`)
  })

  test(`${name} shows metrics that exist`, async () => {
    const known = new Set([...[...catalogueSeries().values()].flat(), ...(await otherSeries())])
    const unknown = expressionsOf(dashboard).flatMap(({ at, expr }) =>
      selectorsOf(expr)
        .filter(({ metric }) => !known.has(metric))
        .map(({ metric }) => `${at}: ${metric}`),
    )
    assert.deepEqual(unknown, [])
  })
}

test('what other programs export too is narrowed to our processes', () => {
  for (const { name, dashboard } of files)
    for (const { at, expr } of expressionsOf(dashboard))
      if (selectorsOf(expr).some(({ metric }) => /^(process|nodejs)_/.test(metric)))
        assert.match(expr, / on \(job, instance\) .*meshwatch_build_info/, `${name}: ${at}`)
})

test('each metric of the catalogue is used by a panel or a rule, or excused', () => {
  const rules = globSync('dashboards/*.rules.yaml').map((path) => readFileSync(path, 'utf8'))
  const shown = files.flatMap(({ dashboard }) =>
    expressionsOf(dashboard).flatMap(({ expr }) => selectorsOf(expr).map(({ metric }) => metric)),
  )
  const used = new Set([...shown, ...rules.flatMap((text) => text.match(/meshwatch_\w+/g) ?? [])])
  const unused = [...catalogueSeries()].filter(([, series]) => !series.some((name) => used.has(name)))
  assert.deepEqual(unused.map(([name]) => name).sort(), Object.keys(EXCUSED).sort())
})

test('histograms that name traces are asked for them, and no others', () => {
  const histograms = (CATALOGUE as readonly MetricDeclaration[]).filter(({ exemplars }) => exemplars)
  const marked = files
    .flatMap(({ dashboard }) => panelsOf(dashboard))
    .flatMap(({ targets = [] }) => targets.filter(({ exemplar }) => exemplar))
    .flatMap(({ expr }) => selectorsOf(expr).map(({ metric }) => metric))
  assert.deepEqual(
    [...new Set(marked)].sort(),
    histograms.map(({ name }) => `meshwatch_${name}_bucket`).sort(),
  )
})

test('the marks for alerts find every alert of the rules', () => {
  const rules = globSync('dashboards/*.rules.yaml').map((path) => readFileSync(path, 'utf8'))
  for (const text of rules)
    for (const [, alert] of text.matchAll(/- alert: *(\S+)/g)) assert.match(alert, /^Meshwatch./)
})

test('the panels about findings name the detectors that are registered', () => {
  assert.deepEqual([...DETECTORS].sort(), detectors.map(({ name }) => name).sort())
})

function isOverlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}
