import { once } from 'node:events'
import { appendFileSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startDemo } from '../../dashboards/preview/demo-run.ts'
import { eventually, FREE_PORTS, runFolder, startProcess } from '../run-process.ts'
import { freePorts } from '../servers/free-ports.ts'
import { startAlertmanager, startPrometheus } from '../servers/prometheus.ts'
import { startInbox } from './proof-inbox.ts'
import { readRules } from './rules-file.ts'

/** A Prometheus that watched the demo from its start to its end, beside a process whose endpoint is dead. */
export interface Scenario {
  /** Base URL of the Prometheus. */
  readonly url: string
  /** From the end of the attack, seconds since the epoch. */
  readonly start: number
  readonly end: number
  /** The alert with such a description and status, as a receiver of Alertmanager gets it. */
  alerted(name: string, description: RegExp, status: 'firing' | 'resolved'): Promise<ReceivedAlert>
  /** The dead endpoint answers from now on. */
  heal(): Promise<void>
  stop(): Promise<void>
}

export interface ReceivedAlert {
  readonly status: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** A notification that failed five times or six is tried again within a minute or two. */
const NEXT_ATTEMPT_MS = 180_000

/** Nobody waits five minutes in a test. */
const PATIENCE_SECONDS = 5

/** The rules that ship with thresholds of minutes cut to seconds. */
function hastyRules(folder: string): string {
  const path = join(folder, 'hasty.rules.yaml')
  const groups = readRules().groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => ({
      ...rule,
      expr: rule.expr.replaceAll('<= 300', `<= ${PATIENCE_SECONDS}`),
      ...(rule.for !== undefined && { for: '1s' }),
    })),
  }))
  writeFileSync(path, stringify({ groups }))
  return path
}

const CAPTURES = { 'ca.jsonl': 'step-ca/ca.jsonl', 'mesh.jsonl': 'envoy/inbound-ledger-2.jsonl' }

/** Written while Prometheus watches, so that rates see it: a refused call, a credential without an id, and no JSON. */
const LATER = [
  '{"kind":"call","time":1782899000000,"caller":"web","callee":"ledger","denied":true}',
  '{"kind":"lifecycle","action":"issued","time":1782899000000,"credential":{"kind":"bearer"}}',
  'GET / HTTP/1.1',
]

interface Unheard {
  /** `host:port` of its metrics. */
  readonly metrics: string
  writeMore(): void
  /** Begins to answer at the dead endpoint. */
  heal(): Promise<void>
  stop(): Promise<void>
}

/** A process that reads what a real mesh and a real CA wrote, and cannot tell anybody what it finds. */
async function startUnheard(): Promise<Unheard> {
  const [dead] = await freePorts(1)
  const endpoint = { url: `http://127.0.0.1:${dead}/`, secrets: [{ file: 'secret' }] }
  const config = {
    sources: [
      ...Object.keys(CAPTURES).map((file) => ({ file })),
      { file: 'later.jsonl', format: 'meshwatch' },
    ],
    alerter: { endpoints: [{ name: 'dead', webhook: endpoint }] },
  }
  const folder = runFolder(`${FREE_PORTS}intake: { port: 0 }\n${stringify(config)}`)
  writeFileSync(join(folder, 'secret'), `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`)
  for (const [name, capture] of Object.entries(CAPTURES))
    copyFileSync(join('test/fixtures/captures', capture), join(folder, name))
  const run = startProcess(folder)
  const { metrics } = await run.said('watching')
  const endpointServer = createServer((_, answer) => answer.end())
  const stop = async () => {
    endpointServer.closeAllConnections()
    endpointServer.close()
    run.process.kill('SIGTERM')
    await run.ended
    rmSync(folder, { recursive: true })
  }
  const writeMore = () => appendFileSync(join(folder, 'later.jsonl'), `${LATER.join('\n')}\n`)
  const heal = async () => void (await once(endpointServer.listen(dead, '127.0.0.1'), 'listening'))
  return { metrics: new URL(String(metrics)).host, writeMore, heal, stop }
}

/** Plays it all. It takes a minute or two, most of them the demo's. */
export async function playScenario(): Promise<Scenario> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-proof-'))
  const inbox = await startInbox()
  const [demo, unheard, alertmanager] = await Promise.all([
    startDemo(),
    startUnheard(),
    startAlertmanager(inbox.url),
  ])
  const start = Date.now() / 1000
  const prometheus = await startPrometheus({
    targets: [demo.metrics, unheard.metrics],
    rules: [hastyRules(folder)],
    alertmanager: alertmanager.address,
  })
  await demo.said('learned ')
  unheard.writeMore()
  await demo.said('the attack is over')
  await acknowledgeOne(demo.api)
  await scrapedSince(prometheus.url, Date.now() / 1000 + 5)
  return {
    url: prometheus.url,
    start,
    end: Date.now() / 1000,
    // Before the first scrape the same alert says that nobody is scraped.
    alerted: (name, description, status) =>
      eventually(
        () =>
          inbox
            .alerts()
            .find(
              (alert) =>
                alert.labels['alertname'] === name &&
                alert.status === status &&
                description.test(alert.annotations['description']),
            ),
        NEXT_ATTEMPT_MS,
      ),
    heal: unheard.heal,
    stop: async () => {
      for (const each of [prometheus, alertmanager, demo, unheard, inbox]) await each.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

async function acknowledgeOne(api: string): Promise<void> {
  const { incidents } = (await (await fetch(`${api}/v1/incidents?state=open`)).json()) as {
    readonly incidents: readonly { readonly id: string }[]
  }
  const response = await fetch(`${api}/v1/incidents/${incidents[0].id}/acknowledge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'if-match': '*' },
    body: '{}',
  })
  if (!response.ok) throw new Error(`the incident was not acknowledged: ${await response.text()}`)
}

/** Resolves when Prometheus has scraped both processes after an instant (seconds since the epoch). */
async function scrapedSince(url: string, instant: number): Promise<void> {
  const query = encodeURIComponent('min(timestamp(up{job="meshwatch"}))')
  await eventually(async () => {
    const { data } = (await (await fetch(`${url}/api/v1/query?query=${query}`)).json()) as {
      readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
    }
    return Number(data.result[0]?.value[1]) > instant ? true : undefined
  })
}
