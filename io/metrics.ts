import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type Metric,
  type OpenMetricsContentType,
  Registry,
} from 'prom-client'
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
import { type ExpositionFormat, type MetricsPort, openMetricsPort } from './metrics-port.ts'
import { oneAtATime } from './one-at-a-time.ts'

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
  readonly hasExemplars?: boolean
}

function openMetricsRegistry(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  return registry
}

/** The metrics of one process, and the port on which Prometheus reads them. */
export class Metrics {
  /** The same metrics twice: exemplars can only be written in the format of OpenMetrics. */
  readonly #registry = openMetricsRegistry()
  readonly #plain = new Registry()
  readonly #metrics = new Map<string, Declared>()
  readonly #lists = newLists()
  readonly #beforeScrape: () => Promise<void>
  #port: MetricsPort | undefined

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
    for (const metric of this.#registry.getMetricsAsArray())
      this.#plain.registerMetric(metric as unknown as Metric)
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
    const gauge = declared.metric as Gauge
    gauge.reset()
    for (const series of knownSeries(declared.labels)) gauge.set(series, Number.NaN)
  }

  /** @param traceId what the observation may be looked up by, where the histogram has exemplars */
  observe(name: HistogramName, value: number, labels: LabelValues = {}, traceId?: string): void {
    const declared = this.#metrics.get(name)
    if (declared === undefined) return
    const { hasExemplars } = declared
    const [metric, bounded] = [declared.metric as Histogram, this.#bounded(declared, labels)]
    if (!hasExemplars) metric.observe(bounded, value)
    else metric.observe({ labels: bounded, value, exemplarLabels: traceId ? { trace_id: traceId } : {} })
  }

  /** The exposition text. */
  async text(format: ExpositionFormat = 'text'): Promise<string> {
    await this.#beforeScrape()
    return this.#write(format)
  }

  /** prom-client takes the ending `_total` from counters for good when it writes OpenMetrics: they get it back. */
  readonly #write = oneAtATime(async (format: ExpositionFormat): Promise<string> => {
    if (format === 'text') return this.#plain.metrics()
    const named = this.#registry.getMetricsAsArray().map((metric) => [metric, metric.name] as const)
    try {
      return await this.#registry.metrics()
    } finally {
      for (const [metric, name] of named) metric.name = name
    }
  })

  /** Opens the port. @returns the one that was taken */
  async listen(place: { readonly host: string; readonly port: number }): Promise<number> {
    this.#port = await openMetricsPort(place, (format) => this.text(format))
    return this.#port.port
  }

  async close(): Promise<void> {
    const port = this.#port
    this.#port = undefined
    await port?.close()
  }

  #declare(declaration: MetricDeclaration): void {
    const { name, type, help, labels, buckets, exemplars = false } = declaration
    const options = {
      name: PREFIX + name,
      help,
      labelNames: Object.keys(labels),
      registers: [this.#registry],
    }
    const own = labelsOf(declaration, this.#lists)
    if (type === 'histogram') {
      const more = { ...(buckets && { buckets: [...buckets] }), enableExemplars: exemplars }
      const metric = new Histogram({ ...options, ...more })
      for (const series of knownSeries(own)) metric.zero(series)
      this.#metrics.set(name, { metric, labels: own, hasExemplars: exemplars })
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
