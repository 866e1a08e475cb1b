import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { CATALOGUE, type MetricDeclaration } from '../../io/metric-catalogue.ts'
import { Metrics } from '../../io/metrics.ts'

const opened: Metrics[] = []
after(() => Promise.all(opened.map((metrics) => metrics.close())))

function newMetrics(beforeScrape = async () => {}): Metrics {
  const metrics = new Metrics({
    version: '1.2.3',
    formats: ['meshwatch', 'envoy-json'],
    detectors: ['new-edge', 'volume'],
    endpoints: ['pager'],
    routes: ['/v1/incidents'],
    notReadyReasons: ['store-full'],
    sources: ['access.log'],
    topics: ['mesh'],
    stages: ['collector', 'delivery'],
    canaryStages: ['collector'],
    beforeScrape,
  })
  opened.push(metrics)
  return metrics
}

/** Series of an exposition text by their text, or a failed assertion for a line that is none. */
function parse(text: string): Map<string, number> {
  const series = new Map<string, number>()
  for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
    const match = /^([a-z_][a-z0-9_]*(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})?) (\S+)$/.exec(line)
    assert.ok(match, `no sample: ${line}`)
    assert.ok(!series.has(match[1]), `twice: ${line}`)
    series.set(match[1], Number(match[2]))
  }
  return series
}

test('known series are exported before they first count', async () => {
  const series = parse(await newMetrics().text())
  assert.equal(series.get('meshwatch_findings_total{detector="volume",severity="critical"}'), 0)
  assert.equal(series.get('meshwatch_circuit_open{endpoint="pager"}'), 0)
  assert.equal(series.get('meshwatch_delivery_attempts_total{outcome="timeout"}'), 0)
  assert.equal(series.get('meshwatch_events_accepted_total'), 0)
  assert.equal(series.get(`meshwatch_build_info{version="1.2.3",node_version="${process.version}"}`), 1)
  assert.ok(series.has('process_cpu_seconds_total'))
})

test('counts, sets and observes', async () => {
  const metrics = newMetrics()
  metrics.count('rejects_total', { reason: 'not-json' }, 3)
  metrics.set('watermark_timestamp_seconds', 1_700_000_000)
  metrics.observe('checkpoint_duration_seconds', 0.01)
  const series = parse(await metrics.text())
  assert.equal(series.get('meshwatch_rejects_total{reason="not-json"}'), 3)
  assert.equal(series.get('meshwatch_watermark_timestamp_seconds'), 1_700_000_000)
  assert.equal(series.get('meshwatch_checkpoint_duration_seconds_count'), 1)
})

const HOSTILE: readonly unknown[] = [
  ['evil"} 1\nadmin_up{x="1"'],
  { toString: () => 'a"} 1\nadmin_up 1' },
  'quote " backslash \\ newline \n} 1',
  '\u0000\u202e\ud800',
  '__proto__',
  'constructor',
  'x'.repeat(100_000),
  7,
  null,
  undefined,
  Symbol('s'),
]

test('a label value that is not in the closed list counts as other, and forges nothing', async () => {
  const metrics = newMetrics()
  const ours = (text: string) => [...parse(text).keys()].filter((name) => name.startsWith('meshwatch_'))
  const before = ours(await metrics.text()).length
  for (const value of HOSTILE) {
    metrics.count('findings_total', { detector: value, severity: value, admin_up: value })
    metrics.set('circuit_open', 1, { endpoint: value })
  }
  const text = await metrics.text()
  const series = parse(text)
  assert.equal(series.get('meshwatch_findings_total{detector="other",severity="other"}'), HOSTILE.length)
  assert.equal(series.get('meshwatch_circuit_open{endpoint="other"}'), 1)
  assert.equal(ours(text).length, before + 2)
  assert.ok(!text.includes('admin_up'))
})

test('gauges that are read from elsewhere are set before a scrape, over HTTP too', async () => {
  const metrics: Metrics = newMetrics(async () => metrics.set('delivery_queue_length', 5))
  const port = await metrics.listen({ host: '127.0.0.1', port: 0 })
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  assert.equal(parse(await answer.text()).get('meshwatch_delivery_queue_length'), 5)
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404)
})

test('a scrape that fails is answered 500 and leaves the server alive', async () => {
  let fails = true
  const metrics = newMetrics(async () => {
    if (fails) throw new Error('store closed')
  })
  const port = await metrics.listen({ host: '127.0.0.1', port: 0 })
  assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 500)
  fails = false
  assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200)
})

const declared: readonly MetricDeclaration[] = CATALOGUE
for (const { name, type, help, labels } of declared) {
  test(`${name} keeps the rules of Prometheus for names`, () => {
    assert.match(name, /^[a-z]+(_[a-z]+)*$/)
    assert.match(help, /^[A-Z0-9].*\.$/)
    assert.equal(name.endsWith('_total'), type === 'counter')
    assert.doesNotMatch(name, /_(count|sum|bucket|info)$/)
    assert.doesNotMatch(name, /(milli|micro|nano|kilo|mega)|_(ms|minutes|hours|days|kb|mb|percent)(_|$)/)
    assert.doesNotMatch(name, /(counter|gauge|histogram)/)
    if (type === 'histogram') assert.match(name, /_(seconds|bytes)$|^attempts_per_delivery$/)
    for (const label of Object.keys(labels)) assert.match(label, /^[a-z]+(_[a-z]+)*$/)
  })
}

test('names are declared once', () => {
  assert.equal(new Set(declared.map(({ name }) => name)).size, declared.length)
})
