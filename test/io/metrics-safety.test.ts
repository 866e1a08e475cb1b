import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import {
  CATALOGUE,
  type CounterName,
  type GaugeName,
  type MetricDeclaration,
  MOST_RANKED,
} from '../../io/metric-catalogue.ts'
import type { Metrics } from '../../io/metrics.ts'
import { eventually } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { metricsWith } from './metrics-with.ts'

const MOST_SERIES = 2000
const SAMPLES = 1_000_000
const NAMES = 5000

/** Parts of names that break terminals, parsers of the exposition format, UTF-8, or object keys. */
const HOSTILE = [
  'evil"} 1\nmeshwatch_ready{x="1',
  '\\',
  '\n# EOF\n',
  '\r',
  '\u0000',
  '\u202eabc',
  '\ud800',
  '\udfff\ud800',
  '__proto__',
  'constructor',
  'e\u0301',
  '\u2028',
  '',
  'x'.repeat(500),
  '👩‍🚀',
] as const

/** A different name for every number. */
const hostileName = (i: number): string => `${HOSTILE[i % HOSTILE.length]}${i}`

const COUNTED: readonly (readonly [CounterName, string, string])[] = [
  ['findings_total', 'detector', 'severity'],
  ['events_received_total', 'format', 'source_kind'],
  ['deliveries_total', 'endpoint', 'result'],
  ['api_requests_total', 'route', 'code_class'],
  ['lifecycle_events_total', 'action', 'nothing'],
]

/** Sends samples of which every one has another hostile value: half of the names are configured at first. */
function flood(metrics: Metrics): void {
  for (let i = 0; i < SAMPLES; i++) {
    const [name, label, other] = COUNTED[i % COUNTED.length]
    const value = i % 7 === 0 ? { toString: () => 'a"} 1\nb 1' } : hostileName(i)
    metrics.count(name, { [label]: value, [other]: hostileName(i + 1), admin: value })
    if (i % 100 > 0) continue
    metrics.set('source_last_record_timestamp_seconds', i, { source: value })
    metrics.observe('stage_duration_seconds', 1, { stage: value })
    metrics.setAll('circuit_open', [[{ endpoint: value }, 1]], Math.max)
    if (i % 10_000 === 0) rankHostile(metrics, i)
  }
}

/** What a scrape does with names of the traffic, with other ones each time. */
function rankHostile(metrics: Metrics, from: number): void {
  const names = Array.from({ length: 500 }, (_, i): [string, number] => [hostileName(from + i), i])
  for (const list of Object.keys(MOST_RANKED) as (keyof typeof MOST_RANKED)[]) {
    const labelOf = metrics.rank(list, names)
    for (const { name, labels } of CATALOGUE as readonly MetricDeclaration[])
      for (const [label] of Object.entries(labels).filter(([, values]) => values === list))
        metrics.setAll(
          name as GaugeName,
          names.map(([value, weight]) => [{ [label]: labelOf(value), state: value }, weight] as const),
          Math.max,
        )
  }
}

async function queried(url: string, query: string): Promise<number | undefined> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)
  const body = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
  const [sample] = body.data.result
  return sample === undefined ? undefined : Number(sample.value[1])
}

/** Of a process whose configuration has thousands of hostile names in every list. */
const flooded = metricsWith(Array.from({ length: NAMES }, (_, i) => hostileName(i)))
after(() => flooded.close())
flood(flooded)

test(`a million hostile label values leave fewer than ${MOST_SERIES} series, and none is lost`, async (context) => {
  const text = await flooded.text()
  assert.ok(text.isWellFormed())
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  context.diagnostic(`${samples.length} series`)
  assert.ok(samples.length <= MOST_SERIES, `${samples.length}`)
  assert.equal(samples.filter((line) => line.startsWith('meshwatch_ready')).length, 1)
  const total = samples
    .filter((line) => COUNTED.some(([name]) => line.startsWith(`meshwatch_${name}{`)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  assert.equal(total, SAMPLES)
  const overflow = samples.find((line) => line.startsWith('meshwatch_metric_overflow_total'))
  assert.ok(Number(overflow?.split(' ').at(-1)) > SAMPLES / 2, overflow)
})

describe('a real Prometheus', { skip: without('prometheus') }, () => {
  test('scrapes what a million hostile label values have left', async () => {
    const port = await flooded.listen({ host: '127.0.0.1', port: 0 })
    const prometheus = await startPrometheus({ targets: [`127.0.0.1:${port}`] })
    try {
      const up = await eventually(() => queried(prometheus.url, 'up'))
      assert.equal(up, 1)
      const scraped = await eventually(() => queried(prometheus.url, 'scrape_samples_scraped > 0'))
      const text = await flooded.text()
      const exported = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
      assert.ok(scraped <= MOST_SERIES, `${scraped}`)
      // Node's own series differ from scrape to scrape; none of ours is dropped as a duplicate.
      assert.ok(Math.abs(scraped - exported) < 20, `${scraped} of ${exported}`)
      const kept = await queried(prometheus.url, 'scrape_samples_post_metric_relabeling')
      assert.equal(kept, scraped)
      const ours = text.split('\n').filter((line) => /^meshwatch_/.test(line)).length
      assert.equal(await queried(prometheus.url, 'count({__name__=~"meshwatch_.+"})'), ours)
    } finally {
      await prometheus.stop()
    }
  })
})
