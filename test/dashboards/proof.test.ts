import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { endProcesses } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { askExpression, askVariable } from './proof-ask.ts'
import { playScenario, type Scenario } from './proof-scenario.ts'
import { type Dashboard, panelsOf, readDashboards } from './read-dashboards.ts'
import { alertsOf, readRules } from './rules-file.ts'

/** Panels that may show nothing after the scenario, each with the reason. */
const MAY_BE_EMPTY: Readonly<Record<string, string>> = {
  'Records not read yet': 'no topics without Kafka',
  'Not read yet, by topic': 'no topics without Kafka',
  'Why a process was not ready': 'both processes may have been ready at every scrape',
}

/** How long a query may take before the panel feels slow: said, not asserted. */
const BAR_MS = 500
/** Beyond any machine that is only busy. */
const NEVER_MS = 5000

const OWED = /^A notification of meshwatch has been owed to an endpoint for \d+/

interface Asked {
  readonly at: string
  readonly expr: string
  readonly instant: boolean
  readonly mayBeEmpty: boolean
}

function queriesOf(dashboard: Dashboard): readonly Asked[] {
  return [
    ...panelsOf(dashboard).flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr, instant = false }) => ({
        at: `${title}, ${refId}`,
        expr,
        instant,
        mayBeEmpty: title in MAY_BE_EMPTY,
      })),
    ),
    ...dashboard.annotations.list.map(({ name, expr }) => ({
      at: `mark ${name}`,
      expr,
      instant: false,
      mayBeEmpty: false,
    })),
  ]
}

describe('the demo, watched by a real Prometheus', { skip: without('prometheus', 'alertmanager') }, () => {
  let scenario: Scenario
  before(async () => {
    scenario = await playScenario()
  })
  after(async () => {
    await scenario?.stop()
    endProcesses()
  })

  for (const { name, dashboard } of readDashboards())
    test(`every query of ${name} has an answer`, async (context) => {
      const empty: string[] = []
      let slowest = { at: '', milliseconds: 0 }
      for (const { at, expr, instant, mayBeEmpty } of queriesOf(dashboard)) {
        const { values, milliseconds } = await askExpression(scenario, expr, instant)
        if (values === 0 && !mayBeEmpty) empty.push(`${at}: ${expr}`)
        if (milliseconds > slowest.milliseconds) slowest = { at, milliseconds }
        assert.ok(milliseconds < NEVER_MS, at)
      }
      context.diagnostic(`slowest: ${slowest.at}, ${slowest.milliseconds.toFixed(1)} ms (bar: ${BAR_MS} ms)`)
      assert.deepEqual(empty, [])
    })

  for (const { name, dashboard } of readDashboards())
    test(`every variable of ${name} has values`, async () => {
      const queried = dashboard.templating.list.filter(({ type }) => type === 'query')
      assert.ok(queried.length > 0)
      for (const { query } of queried) assert.ok((await askVariable(scenario, query)).length > 0, query)
    })

  test('panels that may be empty are panels', () => {
    const titles = readDashboards().flatMap(({ dashboard }) => panelsOf(dashboard).map(({ title }) => title))
    for (const title of Object.keys(MAY_BE_EMPTY)) assert.ok(titles.includes(title), title)
  })

  test('that nobody can be paged is told by Alertmanager', async () => {
    const { labels, annotations } = await scenario.alerted('MeshwatchCannotPage', OWED, 'firing')
    const rule = alertsOf(readRules()).find(({ alert }) => alert === 'MeshwatchCannotPage')
    assert.equal(labels['severity'], 'critical')
    assert.equal(annotations['runbook_url'], rule?.annotations['runbook_url'])
  })

  test('and that somebody can be paged again as well', async () => {
    await scenario.heal()
    await scenario.alerted('MeshwatchCannotPage', OWED, 'resolved')
  })
})
