import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { anchorsOf } from '../markdown.ts'
import { without } from '../servers/availability.ts'
import { catalogueSeries, otherSeries } from './metric-names.ts'
import { promtool } from './promtool.ts'
import { alertsOf, RULES_FILE, readRules, rulesOf } from './rules-file.ts'
import { selectorsOf } from './selectors.ts'

const rules = rulesOf(readRules())
const alerts = alertsOf(readRules())
const documented = (name: string): readonly string[] => anchorsOf(readFileSync(name, 'utf8'))

/** `MeshwatchCannotPage` has its tests in `cannot-page.yaml`. */
const testsOf = (alert: string): string =>
  `test/dashboards/rules/${alert
    .replace('Meshwatch', '')
    .replace(/\B[A-Z]/g, '-$&')
    .toLowerCase()}.yaml`

interface RuleTest {
  readonly name: string
  readonly input_series: readonly unknown[]
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[]
}

test('recorded series are named level:metric:operation, and made before they are used', () => {
  const recorded = rules.flatMap(({ record }) => record ?? [])
  assert.ok(recorded.length > 0)
  for (const name of recorded) assert.match(name, /^job(_[a-z]+)*:meshwatch_[a-z_]+:[a-z_]+[0-9]*m?$/)
  for (const [at, { expr }] of rules.entries())
    for (const { metric } of selectorsOf(expr).filter(({ metric }) => metric.includes(':')))
      assert.ok(
        rules.slice(0, at).some(({ record }) => record === metric),
        metric,
      )
})

test('every metric in the rules is one that a process gives', async () => {
  const known = new Set([...[...catalogueSeries().values()].flat(), ...(await otherSeries())])
  for (const { expr } of rules)
    for (const { metric } of selectorsOf(expr).filter(({ metric }) => !metric.includes(':')))
      assert.ok(known.has(metric), `${metric} in ${expr}`)
})

for (const { alert, labels, annotations } of alerts) {
  describe(alert, () => {
    test('says how urgent it is, what it means and where to look', () => {
      assert.deepEqual(Object.keys(labels), ['severity'])
      assert.ok(['critical', 'warning'].includes(labels['severity']))
      assert.deepEqual(Object.keys(annotations), ['summary', 'description', 'runbook_url', 'dashboard_url'])
      for (const text of Object.values(annotations)) assert.ok(text.length > 10, text)
    })

    test('its runbook and its dashboard exist', () => {
      const [document, anchor] = annotations['runbook_url'].split('#')
      assert.ok(documented(document).includes(anchor), annotations['runbook_url'])
      const uids = globSync('dashboards/*.json').map((path) => JSON.parse(readFileSync(path, 'utf8')).uid)
      assert.ok(uids.includes(annotations['dashboard_url'].replace('/d/', '')), annotations['dashboard_url'])
    })

    test('is tested to resolve when its cause is gone', () => {
      const { tests }: { tests: readonly RuleTest[] } = parse(readFileSync(testsOf(alert), 'utf8'))
      const resolving = tests.filter(({ name }) => /^fires.*, and resolves when/.test(name))
      assert.ok(resolving.length > 0)
      for (const { name, alert_rule_test } of resolving)
        assert.deepEqual(
          alert_rule_test.map(({ exp_alerts }) => exp_alerts.length > 0),
          [true, false],
          name,
        )
    })

    test('is tested to fire, to stay silent, and without data', () => {
      const { tests }: { tests: readonly RuleTest[] } = parse(readFileSync(testsOf(alert), 'utf8'))
      const expected = (each: RuleTest) =>
        each.alert_rule_test
          .filter(({ alertname }) => alertname === alert)
          .flatMap(({ exp_alerts }) => exp_alerts)
      const [dark, seen] = [true, false].map((isDark) =>
        tests.filter(({ input_series }) => (input_series.length === 0) === isDark),
      )
      assert.equal(dark.length, 1)
      assert.ok(seen.some((each) => expected(each).length > 0))
      assert.ok(seen.some((each) => expected(each).length === 0))
      for (const each of tests) {
        assert.ok(each.alert_rule_test.length > 0, each.name)
        assert.equal(/^fires|it fires$/.test(each.name), expected(each).length > 0, each.name)
      }
    })
  })
}

test('the runbook has an entry for every alert and for nothing else', () => {
  const entries = documented('docs/runbook.md').filter((anchor) => anchor !== 'runbook')
  assert.deepEqual(entries.toSorted(), alerts.map(({ alert }) => alert.toLowerCase()).toSorted())
})

describe('promtool', { skip: without('prometheus') }, () => {
  test('finds nothing wrong with the rules', () => promtool('check', 'rules', '--lint-fatal', RULES_FILE))

  for (const { alert } of alerts)
    test(`${alert} fires when it should`, () => {
      assert.ok(existsSync(testsOf(alert)))
      promtool('test', 'rules', testsOf(alert))
    })
})
