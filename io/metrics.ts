import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Weighed } from './heaviest.ts'
import {
  addValues,
  boundedLabels,
  knownSeries,
  type LabelValues,
  labelsOf,
  type MetricLabels,
  newLists,
  OTHER,
  rankValues,
} from './label-lists.ts'
import {
  CATALOGUE,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelLists,
  type MetricDeclaration,
  MOST_RANKED,
  MOST_VALUES,
  PARTS,
  type Part,
  type RankedList,
} from './metric-catalogue.ts'

const PREFIX = 'meshwatch_'

/** Gauges of prom-client with names of counters. Each has a twin by type, without the ending. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/** One value of a gauge. */
export type Sample = readonly [labels: LabelValues, value: number]

export interface MetricsSetup extends LabelLists {
  readonly version: string
  /** Parts that the process has: metrics of the others are not exported, and counting into them does nothing. */
  readonly parts?: readonly Part[]
  /** Sets gauges that are read from elsewhere; runs before each scrape. */
  readonly beforeScrape: () => Promise<void>
}

interface Declared {
  readonly metric: Counter | Gauge | Histogram
  readonly labels: MetricLabels
}

/** The metrics of one process, and the port on which Prometheus reads them. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #metrics = new Map<string, Declared>()
  readonly #lists = newLists()
  readonly #beforeScrape: () => Promise<void>
  #server: Server | undefined

  constructor({ version, parts = PARTS, beforeScrape, ...lists }: MetricsSetup) {
    this.#beforeScrape = beforeScrape
    for (const name of Object.keys(MOST_VALUES) as (keyof LabelLists)[]) this.know(name, lists[name])
    for (const declaration of CATALOGUE as readonly MetricDeclaration[])
      if (declaration.of?.some((part) => parts.includes(part)) ?? true) this.#declare(declaration)
    const build = new Gauge({
      name: `${PREFIX}build_info`,
      help: 'Version of the program and of Node; always 1.',
      labelNames: ['version', 'node_version'],
      registers: [this.#registry],
    })
    build.set({ version, node_version: process.version }, 1)
    collectDefaultMetrics({ register: this.#registry })
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name)
  }

  /** Adds values to a list as far as it has room, and exports their series. */
  know(list: keyof LabelLists, values: readonly string[]): void {
    const known = this.#lists[list]
    addValues(known, values, MOST_VALUES[list])
    for (const declared of this.#metrics.values())
      if (declared.labels.some(([, own]) => own === known)) begin(declared)
  }

  /**
   * Gives series to the heaviest of these names of the traffic; to be followed by `setAll` of each gauge that has them, which
   * ends the series of the others.
   * @returns the name by which each is to be counted: its own, or `other`
   */
  rank(list: RankedList, weighed: Iterable<Weighed>): (name: string) => string {
    const known = this.#lists[list]
    rankValues(known, weighed, MOST_RANKED[list])
    return (name) => (known.has(name) ? name : OTHER)
  }

  count(name: CounterName, labels: LabelValues = {}, by = 1): void {
    const declared = this.#metrics.get(name)
    if (declared !== undefined) (declared.metric as Counter).inc(this.#bounded(declared, labels), by)
  }

  set(name: GaugeName, value: number, labels: LabelValues = {}): void {
    const declared = this.#metrics.get(name)
    if (declared !== undefined) (declared.metric as Gauge).set(this.#bounded(declared, labels), value)
  }

  /**
   * Sets all series of a gauge: those that are not named become 0.
   * @param join brings together what is counted as `other`
   */
  setAll(name: GaugeName, samples: readonly Sample[], join: (a: number, b: number) => number): void {
    const declared = this.#metrics.get(name)
    if (declared === undefined) return
    const joined = new Map<string, { readonly labels: Record<string, string>; readonly value: number }>()
    for (const [given, value] of samples) {
      const labels = this.#bounded(declared, given)
      const key = JSON.stringify(labels)
      const known = joined.get(key)?.value
      joined.set(key, { labels, value: known === undefined ? value : join(known, value) })
    }
    const gauge = declared.metric as Gauge
    gauge.reset()
    begin(declared)
    for (const { labels, value } of joined.values()) gauge.set(labels, value)
  }

  /** Nobody can say now what the gauge is: every series is NaN. */
  setUnknown(name: GaugeName): void {
    const declared = this.#metrics.get(name)
    if (declared === undefined) return
    for (const series of knownSeries(declared.labels)) (declared.metric as Gauge).set(series, Number.NaN)
  }

  observe(name: HistogramName, value: number, labels: LabelValues = {}): void {
    const declared = this.#metrics.get(name)
    if (declared !== undefined) (declared.metric as Histogram).observe(this.#bounded(declared, labels), value)
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

  #declare(declaration: MetricDeclaration): void {
    const { name, type, help, labels, buckets } = declaration
    const options = {
      name: PREFIX + name,
      help,
      labelNames: Object.keys(labels),
      registers: [this.#registry],
    }
    const own = labelsOf(declaration, this.#lists)
    if (type === 'histogram') {
      const metric = new Histogram({ ...options, ...(buckets && { buckets: [...buckets] }) })
      for (const series of knownSeries(own)) metric.zero(series)
      this.#metrics.set(name, { metric, labels: own })
      return
    }
    const declared = { metric: type === 'counter' ? new Counter(options) : new Gauge(options), labels: own }
    this.#metrics.set(name, declared)
    begin(declared)
  }

  /** prom-client does not escape values that are no strings, so nothing but a value of the list gets through. */
  #bounded(declared: Declared, labels: LabelValues): Record<string, string> {
    return boundedLabels(declared.labels, labels, () => this.count('metric_overflow_total'))
  }
}

/** Exports every known series of a counter or gauge before it first counts. A histogram would begin anew. */
function begin({ metric, labels }: Declared): void {
  if (metric instanceof Histogram) return
  for (const series of knownSeries(labels)) metric.inc(series, 0)
}
