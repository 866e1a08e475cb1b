import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import {
  CATALOGUE,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelLists,
  type MetricDeclaration,
} from './metric-catalogue.ts'

const PREFIX = 'meshwatch_'

/** What stands in for a label value that is not in the closed list. */
const OTHER = 'other'

export type LabelValues = Readonly<Record<string, unknown>>

export interface MetricsSetup extends LabelLists {
  readonly version: string
  /** Sets gauges that are read from elsewhere; runs before each scrape. */
  readonly beforeScrape: () => Promise<void>
}

/** The metrics of one process, and the port on which Prometheus reads them. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #metrics = new Map<string, Counter | Gauge | Histogram>()
  readonly #lists = new Map<string, Readonly<Record<string, readonly string[]>>>()
  readonly #beforeScrape: () => Promise<void>
  #server: Server | undefined

  constructor(setup: MetricsSetup) {
    this.#beforeScrape = setup.beforeScrape
    for (const declaration of CATALOGUE) this.#declare(declaration, setup)
    const build = new Gauge({
      name: `${PREFIX}build_info`,
      help: 'Version of the program and of Node; always 1.',
      labelNames: ['version', 'node_version'],
      registers: [this.#registry],
    })
    build.set({ version: setup.version, node_version: process.version }, 1)
    collectDefaultMetrics({ register: this.#registry })
  }

  count(name: CounterName, labels: LabelValues = {}, by = 1): void {
    const counter = this.#metrics.get(name) as Counter
    counter.inc(this.#bounded(name, labels), by)
  }

  set(name: GaugeName, value: number, labels: LabelValues = {}): void {
    const gauge = this.#metrics.get(name) as Gauge
    gauge.set(this.#bounded(name, labels), value)
  }

  observe(name: HistogramName, value: number, labels: LabelValues = {}): void {
    const histogram = this.#metrics.get(name) as Histogram
    histogram.observe(this.#bounded(name, labels), value)
  }

  /** The exposition text. */
  async text(): Promise<string> {
    await this.#beforeScrape()
    return this.#registry.metrics()
  }

  /** Serves `/metrics` and nothing else. @returns the port that was taken */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
    const server = createServer((request, response) => {
      if (request.url?.split('?')[0] !== '/metrics' || request.method !== 'GET') {
        response.writeHead(404).end()
        return
      }
      this.text().then(
        (text) => response.setHeader('content-type', this.#registry.contentType).end(text),
        () => response.writeHead(500).end(),
      )
    })
    server.requestTimeout = 10_000
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, resolve)
    })
    return (server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  }

  #declare(declaration: MetricDeclaration, setup: LabelLists): void {
    const { name, type, help, labels, buckets } = declaration
    const lists = Object.fromEntries(
      Object.entries(labels).map(([label, list]) => [label, typeof list === 'string' ? setup[list] : list]),
    )
    this.#lists.set(name, lists)
    const options = {
      name: PREFIX + name,
      help,
      labelNames: Object.keys(labels),
      registers: [this.#registry],
    }
    if (type === 'histogram') {
      this.#metrics.set(name, new Histogram({ ...options, ...(buckets && { buckets: [...buckets] }) }))
      return
    }
    const metric = type === 'counter' ? new Counter(options) : new Gauge(options)
    for (const series of combinations(lists)) metric.inc(series, 0)
    this.#metrics.set(name, metric)
  }

  /** prom-client does not escape values that are no strings, so nothing but a value of the list gets through. */
  #bounded(name: string, labels: LabelValues): Record<string, string> {
    const lists = this.#lists.get(name)!
    return Object.fromEntries(
      Object.entries(lists).map(([label, list]) => {
        const value = labels[label]
        return [label, typeof value === 'string' && list.includes(value) ? value : OTHER]
      }),
    )
  }
}

/** Every combination of the lists' values: a known series is exported before it first counts. */
function combinations(lists: Readonly<Record<string, readonly string[]>>): Record<string, string>[] {
  return Object.entries(lists).reduce<Record<string, string>[]>(
    (series, [label, list]) => series.flatMap((one) => list.map((value) => ({ ...one, [label]: value }))),
    [{}],
  )
}
