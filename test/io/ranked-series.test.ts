import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heaviest, type Weighed } from '../../io/heaviest.ts'
import { MOST_RANKED } from '../../io/metric-catalogue.ts'
import type { Metrics } from '../../io/metrics.ts'
import { metricsWith } from './metrics-with.ts'

const MOST = MOST_RANKED.riskyIdentities

/** Ranks and sets, as a scrape does. */
function rank(metrics: Metrics, weighed: readonly Weighed[]): void {
  const labelOf = metrics.rank('riskyIdentities', weighed)
  const samples = weighed.map(([identity, risk]) => [{ identity: labelOf(identity) }, risk] as const)
  metrics.setAll('identity_risk_score', samples, Math.max)
}

async function risksIn(metrics: Metrics): Promise<Map<string, number>> {
  const found = (await metrics.text()).matchAll(/^meshwatch_identity_risk_score\{identity="(.*)"\} (\d+)$/gm)
  return new Map([...found].map(([, name, value]) => [name, Number(value)]))
}

const crowd = (size: number, first = 1): Weighed[] =>
  Array.from({ length: size }, (_, i) => [`id-${i}`, first + size - i])

test('the heaviest have series, the highest of the rest is other', async () => {
  const metrics = metricsWith([])
  rank(metrics, crowd(100))
  const risks = await risksIn(metrics)
  assert.equal(risks.size, MOST + 1)
  assert.equal(risks.get('id-0'), 101)
  assert.equal(risks.get('other'), 101 - MOST)
  assert.match(await metrics.text(), /^meshwatch_metric_overflow_total 0$/m)
})

test('who has a series keeps it while it is not far behind, and loses it when it is gone', async () => {
  const metrics = metricsWith([])
  rank(metrics, crowd(MOST))
  rank(metrics, [...crowd(MOST), ['newcomer', 1000]])
  assert.ok(!(await risksIn(metrics)).has('newcomer'))
  assert.equal((await risksIn(metrics)).get('other'), 1000)
  rank(metrics, [...crowd(MOST - 1), ['newcomer', 1000]])
  const risks = await risksIn(metrics)
  assert.ok(risks.has('newcomer') && !risks.has(`id-${MOST - 1}`) && !risks.has('other'))
  rank(metrics, [])
  assert.deepEqual([...(await risksIn(metrics))], [])
})

test('a name that would break the text is made harmless', async () => {
  const metrics = metricsWith([])
  rank(metrics, [['evil"} 1\nadmin_up{x="1', 5]])
  assert.ok(!(await metrics.text()).includes('\nadmin_up'))
})

test('the heaviest of many are those that sorting gives', () => {
  const names = Array.from({ length: 5000 }, (_, i): Weighed => [`n${i}`, (i * 7919) % 613])
  const sorted = [...names].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  assert.deepEqual(
    heaviest(names, 50),
    sorted.slice(0, 50).map(([name]) => name),
  )
})
