import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { without } from '../servers/availability.ts'
import { checkPromql } from './check-promql.ts'
import { PANEL_RULES } from './linter/panel-rules.ts'
import type { Rule } from './linter/rule.ts'
import { TARGET_RULES } from './linter/target-rules.ts'
import { TEMPLATE_RULES } from './linter/template-rules.ts'
import { type Dashboard, expressionsOf, readDashboards } from './read-dashboards.ts'
import { selectorsOf } from './selectors.ts'

// The 17 rules of grafana/dashboard-linter, with no exclusion. `target-promql-rule` is the one that asks promtool.

const RULES = [...TEMPLATE_RULES, ...PANEL_RULES, ...TARGET_RULES]
const files = readDashboards()

for (const { name, check } of RULES) {
  for (const file of files) {
    test(`${name}: ${file.name}`, () => assert.deepEqual(check(file.dashboard), []))
  }
}

test('there are 17 rules and 4 dashboards', () => {
  assert.equal(new Set(RULES.map(({ name }) => name)).size + 1, 17)
  assert.equal(files.length, 4)
})

/** A change to the text of a dashboard, and the rules that must notice it. */
const MISTAKES: readonly (readonly [from: string, to: string, rules: readonly string[]])[] = [
  ['"name": "datasource"', '"name": "source"', ['template-datasource-rule']],
  ['"allValue": ".+"', '"allValue": ".*"', ['template-job-rule', 'template-instance-rule']],
  ['"query": "label_values(', '"query": "labels(', ['template-label-promql-rule']],
  ['"refresh": 2', '"refresh": 1', ['template-on-time-change-reload-rule']],
  ['"editable": false', '"editable": true', ['uneditable-dashboard']],
  [`"uid": "\${datasource}"`, '"uid": "prometheus"', ['panel-datasource-rule', 'template-job-rule']],
  ['"unit": "short"', '"unit": "furlongs"', ['panel-units-rule']],
  ['"title": "Incidents opened, by kind"', '"title": ""', ['panel-title-description-rule']],
  ['"targets": [', '"dropped": [', ['panel-no-targets-rule']],
  ['job=~\\"$job\\", ', '', ['target-job-rule']],
  ['instance=~\\"$instance\\"', 'instance=\\"$instance\\"', ['target-instance-rule']],
  ['round(sum(increase(', 'round(sum(rate(', ['target-rate-interval-rule']],
  ['round(sum(increase(', 'round(sum(delta(', ['target-counter-agg-rule']],
  ['"type": "prometheus"', '"type": "loki"', ['target-logql-rule', 'target-logql-auto-rule']],
]

const overview = files.find(({ name }) => name === 'security-overview')!

for (const [from, to, expected] of MISTAKES) {
  test(`${expected.join(' and ')} would notice ${to || `no ${from}`}`, () => {
    assert.ok(overview.text.includes(from), from)
    const spoilt = JSON.parse(overview.text.replaceAll(from, to)) as Dashboard
    const noticed = RULES.filter(({ check }: Rule) => check(spoilt).length > 0).map(({ name }) => name)
    for (const name of expected) assert.ok(noticed.includes(name), `${name}, but ${noticed.join(', ')}`)
  })
}

test('selectors are found in an expression', () => {
  const expr =
    'time() - max by (a, b) (rate(x_total{job=~"$job", b!="}"}[5m]) > 0) / on (c) group_left () y or vector(0)'
  assert.deepEqual(selectorsOf(expr), [
    { metric: 'x_total', matchers: ['job=~"$job"', 'b!="}"'], range: '5m', calls: ['max', 'rate'] },
    { metric: 'y', matchers: [], calls: [] },
  ])
})

describe('target-promql-rule', { skip: without('prometheus') }, () => {
  for (const { name, dashboard } of files) {
    test(`every expression of ${name} is PromQL`, () =>
      checkPromql(expressionsOf(dashboard).map(({ expr }) => expr)))
  }

  test('what is no PromQL is noticed', () => {
    assert.throws(() => checkPromql(['sum(rate(x[5m])']), /unclosed|parse/)
  })
})
