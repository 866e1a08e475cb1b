import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { type LabelLists, MOST_VALUES } from '../../io/metric-catalogue.ts'
import { Metrics } from '../../io/metrics.ts'
import { eventually } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { startPrometheus } from '../servers/prometheus.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0'

const opened: Metrics[] = []
after(() => Promise.all(opened.map((metrics) => metrics.close())))

/** Metrics of a process that has a batch with a trace behind it, and an attempt without. @returns their address too */
async function serve() {
  const lists = Object.fromEntries(Object.keys(MOST_VALUES).map((list) => [list, []]))
  const metrics = new Metrics({
    version: '1.2.3',
    ...(lists as unknown as LabelLists),
    stages: ['analyzer'],
    beforeScrape: async () => {},
  })
  opened.push(metrics)
  metrics.observe('stage_duration_seconds', 0.3, { stage: 'analyzer' }, TRACE_ID)
  metrics.observe('delivery_attempt_duration_seconds', 0.3)
  metrics.observe('store_call_duration_seconds', 0.3, { store: 'incidents', operation: 'read' }, TRACE_ID)
  const port = await metrics.listen({ host: '127.0.0.1', port: 0 })
  return { metrics, address: `127.0.0.1:${port}` }
}

async function scrape(address: string, accept?: string) {
  const answer = await fetch(`http://${address}/metrics`, accept === undefined ? {} : { headers: { accept } })
  return { type: answer.headers.get('content-type') ?? '', text: await answer.text() }
}

test('who asks for OpenMetrics gets it, with the trace of the newest observation in its bucket', async () => {
  const { address } = await serve()
  const { type, text } = await scrape(address, OPENMETRICS)
  assert.match(type, /^application\/openmetrics-text; version=1\.0\.0/)
  assert.ok(text.endsWith('\n# EOF\n'))
  const exemplars = text.split('\n').filter((line) => line.includes(' # {'))
  assert.equal(exemplars.length, 1)
  assert.match(
    exemplars[0],
    new RegExp(`_bucket\\{le="0.5",stage="analyzer"\\} 1 # \\{trace_id="${TRACE_ID}"\\} 0.3 \\d+`),
  )
})

test('everybody else gets the text of old, whatever was asked for before and beside it', async () => {
  const { address } = await serve()
  const before = await scrape(address)
  assert.match(before.type, /^text\/plain; version=0\.0\.4/)
  const asked = [OPENMETRICS, undefined, OPENMETRICS, 'text/plain', '*/*']
  const answers = await Promise.all(asked.map((accept) => scrape(address, accept)))
  const ours = (text: string) => text.split('\n').filter((line) => /^(# \w+ )?meshwatch_/.test(line))
  for (const [at, { type, text }] of answers.entries()) {
    const isOpen = asked[at] === OPENMETRICS
    assert.equal(type.startsWith('application/openmetrics-text'), isOpen)
    if (!isOpen) assert.deepEqual(ours(text), ours(before.text))
  }
  assert.ok(before.text.includes('# TYPE meshwatch_findings_total counter'))
  assert.ok(!before.text.includes('trace_id'))
})

test('both formats have the same series', async () => {
  const { address } = await serve()
  const seriesOf = (text: string) =>
    text
      .split('\n')
      .filter((line) => /^meshwatch_/.test(line))
      .map((line) => line.slice(0, line.indexOf(' ', Math.max(0, line.indexOf('}')))))
      .sort()
  const [open, plain] = [await scrape(address, OPENMETRICS), await scrape(address)]
  assert.deepEqual(seriesOf(open.text), seriesOf(plain.text))
})

interface Exemplars {
  readonly data: readonly {
    readonly seriesLabels: Readonly<Record<string, string>>
    readonly exemplars: readonly {
      readonly labels: Readonly<Record<string, string>>
      readonly value: string
    }[]
  }[]
}

describe('a real Prometheus that keeps exemplars', { skip: without('prometheus') }, () => {
  test('gives the trace of a slow batch for the query of the panel', async () => {
    const { address } = await serve()
    const prometheus = await startPrometheus({ targets: [address], features: ['exemplar-storage'] })
    try {
      const query =
        'histogram_quantile(0.99, sum by (le, stage) (rate(meshwatch_stage_duration_seconds_bucket[1m])))'
      const [found] = await eventually(async () => {
        const end = Date.now() / 1000 + 60
        const asked = new URLSearchParams({ query, start: String(end - 600), end: String(end) })
        const answer = await fetch(`${prometheus.url}/api/v1/query_exemplars?${asked}`)
        const { data } = (await answer.json()) as Exemplars
        return data.length > 0 ? data : undefined
      })
      assert.equal(found.seriesLabels['stage'], 'analyzer')
      assert.deepEqual(
        found.exemplars.map(({ labels, value }) => [labels, value]),
        [[{ trace_id: TRACE_ID }, '0.3']],
      )
    } finally {
      await prometheus.stop()
    }
  })
})
