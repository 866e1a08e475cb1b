import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { stringify } from 'yaml'
import { without } from '../servers/availability.ts'
import { promtool } from './promtool.ts'
import { panelsOf, readDashboards } from './read-dashboards.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-states-'))
after(() => rmSync(folder, { recursive: true }))

const STATES = { ok: 0, learning: 1, silenced: 2, blind: 3, anomalous: 4 } as const

/** What the panel asks, of all processes. */
const [EXPR] = readDashboards()
  .flatMap(({ dashboard }) => panelsOf(dashboard))
  .filter(({ title }) => title === 'Namespaces')
  .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replace(/\$(job|instance)/g, '.+')))

/** Callers of one analyzer, as `known learning silenced unseen`; or incidents as an alerter tells them. */
interface Process {
  readonly callers?: string
  readonly incidents?: number | 'NaN'
}

function seriesOf({ callers, incidents }: Process, instance: string) {
  const labels = `job="meshwatch", instance="${instance}", namespace="payments"`
  const counts = callers?.split(' ') ?? []
  return [
    ...counts.map((count, at) => ({
      series: `meshwatch_callers{${labels}, state="${['known', 'learning', 'silenced', 'unseen'][at]}"}`,
      values: count,
    })),
    ...(incidents === undefined
      ? []
      : [{ series: `meshwatch_namespace_incidents{${labels}}`, values: `${incidents}` }]),
  ]
}

/** Lets a real Prometheus evaluate the panel over these processes. */
function expectState(state: keyof typeof STATES | undefined, processes: readonly Process[]): void {
  const file = join(folder, 'states.yaml')
  const expected = state === undefined ? [] : [{ labels: '{namespace="payments"}', value: STATES[state] }]
  const one = {
    interval: '1m',
    input_series: processes.flatMap((process, at) => seriesOf(process, `${at}:8602`)),
    promql_expr_test: [{ expr: EXPR, eval_time: '0m', exp_samples: expected }],
  }
  writeFileSync(file, stringify({ tests: [one] }))
  promtool('test', 'rules', file)
}

describe('the state of a namespace', { skip: without('prometheus') }, () => {
  test('is ok while nothing else holds, in whatever process its callers are', () => {
    expectState('ok', [{ callers: '5 0 0 0' }, { callers: '3 2 0 1' }, { incidents: 0 }])
  })

  test('is learning when half of the callers of all processes are', () => {
    expectState('learning', [{ callers: '2 0 0 0' }, { callers: '0 2 0 0' }, { incidents: 0 }])
    expectState('ok', [{ callers: '3 0 0 0' }, { callers: '0 2 0 0' }, { incidents: 0 }])
  })

  test('is silenced when one caller is', () => {
    expectState('silenced', [{ callers: '5 0 1 0' }, { callers: '0 9 0 0' }])
  })

  test('is blind when no process has seen any of its callers', () => {
    expectState('blind', [{ callers: '0 0 0 2' }, { callers: '0 0 0 1' }, { incidents: 0 }])
    expectState('ok', [{ callers: '0 0 0 2' }, { callers: '1 0 0 0' }, { incidents: 0 }])
  })

  test('is anomalous when one alerter tells of an incident, and another cannot read the store', () => {
    expectState('anomalous', [{ callers: '5 0 1 0' }, { incidents: 2 }, { incidents: 'NaN' }])
    expectState('anomalous', [{ incidents: 1 }])
  })

  test('is none for a namespace without callers and incidents, or without any process', () => {
    expectState(undefined, [{ callers: '0 0 0 0' }, { incidents: 0 }])
    expectState(undefined, [{ incidents: 'NaN' }])
  })
})
