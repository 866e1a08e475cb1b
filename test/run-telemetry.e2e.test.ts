import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startReceiver } from './faults/receiver.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts'
import {
  endProcesses,
  eventually,
  FREE_PORTS,
  type RunProcess,
  runFolder,
  startProcess,
} from './run-process.ts'

/** `meshwatch run` with traces: what is sent of a revoked certificate that is used, and what happens without a receiver. */

const now = Date.now()
const credential = { kind: 'x509', issuer: 'Mesh CA', id: 'c6e5fca123a985e98389de5a63ea4595' }
const call = { kind: 'call', caller: 'web', callee: 'ledger', credential, reporter: 'ledger-1' }
const LOG = [
  { ...call, time: now - 300_000, connection: '1' },
  { kind: 'lifecycle', time: now - 200_000, action: 'revoked', credential },
  { ...call, time: now - 100_000, connection: '2' },
  { ...call, time: now, connection: '2' },
]

process.env['OTEL_BSP_SCHEDULE_DELAY'] = '50'
process.env['NODE_OPTIONS'] = `--import=${new URL('./list-modules.ts', import.meta.url)}`
const pager = await startReceiver()
after(async () => {
  endProcesses()
  await pager.close()
})

/** A folder with the log, in which a process watches it. */
function start(telemetry: string): { run: RunProcess; folder: string } {
  const folder = runFolder(`${FREE_PORTS}intake: { enabled: false }
sources: [{ file: calls.jsonl }]
analyzer: { latenessMs: 0 }
alerter:
  endpoints: [{ name: pager, webhook: { url: "${pager.url}", secrets: [{ file: secret }] } }]
telemetry: ${telemetry}
`)
  writeFileSync(join(folder, 'secret'), `whsec_${Buffer.alloc(32, 7).toString('base64')}`)
  writeFileSync(join(folder, 'calls.jsonl'), LOG.map((row) => `${JSON.stringify(row)}\n`).join(''))
  process.env['LIST_MODULES_TO'] = join(folder, 'modules')
  return { run: startProcess(folder), folder }
}

/** Waits for a notification that came after it was called. */
function delivery(): Promise<unknown> {
  const before = pager.received.length
  return eventually(() => pager.received[before])
}

interface Exemplar {
  readonly stage: string
  readonly traceId: string
}

/** Traces that stages name; undefined until all that deliver something do. */
async function exemplarsOf(url: string): Promise<readonly Exemplar[] | undefined> {
  const answer = await fetch(url, { headers: { accept: 'application/openmetrics-text' } })
  const named = (await answer.text()).matchAll(
    /^meshwatch_stage_duration_seconds_bucket\{.*stage="(\w+)"\} \d+ # \{trace_id="(\w+)"\}/gm,
  )
  const exemplars = [...named].map(([, stage, traceId]) => ({ stage, traceId }))
  return exemplars.some(({ stage }) => stage === 'delivery') ? exemplars : undefined
}

async function stop(run: RunProcess): Promise<number | null> {
  run.process.kill('SIGTERM')
  return run.ended
}

const modulesOf = (folder: string) => readFileSync(join(folder, 'modules'), 'utf8').split('\n')
/** prom-client loads the interfaces by itself. */
const isOtel = (url: string) => /\/@opentelemetry\/(?!api\/)/.test(url)

describe('a run with traces', () => {
  let otlp: OtlpReceiver
  let spans: readonly ReceivedSpan[]
  let modules: readonly string[]
  let exemplars: readonly Exemplar[]
  before(async () => {
    otlp = await startOtlpReceiver()
    const resource = '[{ name: deployment.environment.name, value: test }]'
    const { run, folder } = start(`{ enabled: true, endpoint: "${otlp.url}", resource: ${resource} }`)
    const { metrics } = await run.said('watching')
    await delivery()
    exemplars = await eventually(() => exemplarsOf(String(metrics)))
    assert.equal(await stop(run), 0, run.stderr())
    spans = otlp.spans
    modules = modulesOf(folder)
  })
  after(() => otlp.close())

  const named = (name: string) => spans.filter((span) => span.name === name)

  it('tells of each batch: collected, analysed and alerted in one round', () => {
    const [collect] = named('collect')
    assert.equal(Number(collect.attributes['meshwatch.rows']) > 0, true)
    const [analyze] = named('analyze').filter(
      ({ attributes }) => Number(attributes['meshwatch.findings']) > 0,
    )
    const [alert] = named('alert').filter(({ attributes }) => Number(attributes['meshwatch.incidents']) > 0)
    assert.equal(analyze.traceId, alert.traceId)
    const [round] = named('round').filter(({ traceId }) => traceId === alert.traceId)
    assert.deepEqual([analyze.parentSpanId, alert.parentSpanId], [round.spanId, round.spanId])
  })

  it('links each delivery to the batch that it follows from', () => {
    const [deliver] = named('deliver')
    const alerts = named('alert').map(({ traceId, spanId }) => ({ traceId, spanId }))
    assert.deepEqual(
      deliver.links.map(({ traceId, spanId }) =>
        alerts.some((it) => it.traceId === traceId && it.spanId === spanId),
      ),
      [true],
    )
    assert.equal(deliver.attributes['meshwatch.outcome'], 'delivered')
    assert.equal(deliver.attributes['server.address'], '127.0.0.1')
  })

  it('names in its metrics the traces of slow batches and deliveries', () => {
    const spansOf: Readonly<Record<string, string>> = {
      analyzer: 'analyze',
      alerter: 'alert',
      delivery: 'deliver',
    }
    for (const [stage, span] of Object.entries(spansOf)) {
      const ids = exemplars.filter((exemplar) => exemplar.stage === stage).map(({ traceId }) => traceId)
      assert.ok(ids.length > 0, stage)
      for (const id of ids)
        assert.ok(
          named(span).some(({ traceId }) => traceId === id),
          `${stage}: ${id}`,
        )
    }
  })

  it('says nothing of rounds in which nothing happened', () => {
    const told = new Set(['collect', 'analyze', 'alert'])
    for (const { spanId, name } of named('round'))
      assert.ok(
        spans.some((span) => span.parentSpanId === spanId && told.has(span.name)),
        name,
      )
  })

  it('names the program, its version and its surroundings', () => {
    assert.equal(otlp.resource['service.name'], 'meshwatch')
    assert.match(String(otlp.resource['service.version']), /^\d+\.\d+\.\d+/)
    assert.equal(otlp.resource['deployment.environment.name'], 'test')
  })

  it('has loaded OpenTelemetry', () => assert.ok(modules.some(isOtel)))
})

describe('a run without traces', () => {
  it('loads nothing for them', async () => {
    const { run, folder } = start('{ enabled: false }')
    await delivery()
    assert.equal(await stop(run), 0)
    const modules = modulesOf(folder)
    assert.ok(modules.length > 100)
    assert.deepEqual(modules.filter(isOtel), [])
  })
})

describe('traces that nobody takes', () => {
  it('are lost, said once, and hold up nothing', async () => {
    const { run } = start('{ enabled: true, endpoint: "http://127.0.0.1:1/v1/traces" }')
    await delivery()
    const line = await run.said('traces are lost')
    assert.equal(line['endpoint'], 'http://127.0.0.1:1/v1/traces')
    assert.equal(await stop(run), 0, run.stderr())
    assert.equal(run.log.filter(({ msg }) => msg === 'traces are lost').length, 1)
  })

  it('do not hold up the end, when their receiver never answers', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const { run } = start(`{ enabled: true, endpoint: "http://127.0.0.1:${port}/v1/traces" }`)
    await delivery()
    assert.equal(await stop(run), 0, run.stderr())
    silent.closeAllConnections()
    silent.close()
  })
})
