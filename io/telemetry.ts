import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { SpanKind } from '@opentelemetry/api'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import type { TelemetryConfig } from '../domain/config/telemetry.ts'
import { contextIn, type SpanName, type TraceContext, type Tracer } from '../domain/trace.ts'
import { runInSpan } from './run-in-span.ts'
import { readSecret } from './secret.ts'

/** Traces sent over OTLP. The packages are loaded here and nowhere else, when traces are wanted. */
export interface Telemetry {
  readonly tracer: Tracer
  /** Sends what is left, for a few seconds at most. Never throws; safe to call twice. */
  close(): Promise<void>
}

export interface TelemetrySetup {
  /** `service.version` of the resource. */
  readonly version: string
  /** Told when spans begin to be lost, with the reason, and when they arrive again. */
  readonly onTrouble: (trouble: string | undefined) => void
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>

const CLOSE_WITHIN_MS = 3000
const REQUEST_TIMEOUT_MS = 5000

async function loadSdk() {
  const [api, core, resources, tracing, node, exporter] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ])
  return { api, core, resources, tracing, node, exporter }
}

/** Starts sending spans in the background; a receiver that does not answer costs spans and nothing else. */
export async function openTelemetry(config: TelemetryConfig, setup: TelemetrySetup): Promise<Telemetry> {
  const sdk = await loadSdk()
  const headers = config.headers.map(({ name, value }) => [name, readSecret(value)])
  const exporter = new sdk.exporter.OTLPTraceExporter({
    url: config.endpoint,
    headers: Object.fromEntries(headers),
    timeoutMillis: REQUEST_TIMEOUT_MS,
  })
  const node = new sdk.node.NodeSDK({
    resource: resourceOf(sdk, config, setup.version),
    autoDetectResources: false,
    sampler: new sdk.tracing.ParentBasedSampler({
      root: new sdk.tracing.TraceIdRatioBasedSampler(config.sampleRatio),
    }),
    traceExporter: watched(sdk, exporter, setup.onTrouble),
    textMapPropagator: new sdk.core.W3CTraceContextPropagator(),
    metricReaders: [],
    logRecordProcessors: [],
  })
  node.start()
  let closing: Promise<void> | undefined
  return {
    tracer: tracerOf(sdk, setup.version),
    close: () => {
      closing ??= Promise.race([node.shutdown().catch(() => {}), wait(CLOSE_WITHIN_MS)])
      return closing
    },
  }
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref())

/** Names as in https://opentelemetry.io/docs/specs/semconv/resource/. */
function resourceOf({ resources }: Sdk, { serviceName, resource }: TelemetryConfig, version: string) {
  const named = Object.fromEntries(resource.map(({ name, value }) => [name, value]))
  return resources.defaultResource().merge(
    resources.resourceFromAttributes({
      'host.name': hostname(),
      'service.instance.id': randomUUID(),
      ...named,
      'service.name': serviceName,
      'service.version': version,
    }),
  )
}

/** Says when sending begins to fail and when it works again, instead of once for each batch of spans. */
function watched(
  { core }: Sdk,
  exporter: SpanExporter,
  onTrouble: TelemetrySetup['onTrouble'],
): SpanExporter {
  let isFailing = false
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const fails = result.code !== core.ExportResultCode.SUCCESS
        if (fails !== isFailing) onTrouble(fails ? (result.error?.message ?? 'not accepted') : undefined)
        isFailing = fails
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}

function tracerOf({ api, core }: Sdk, version: string): Tracer {
  const tracer = api.trace.getTracer('meshwatch', version)
  const propagator = new core.W3CTraceContextPropagator()
  const read = (headers: TraceContext) =>
    api.trace.getSpanContext(propagator.extract(api.ROOT_CONTEXT, headers, api.defaultTextMapGetter))
  const kinds: Partial<Record<SpanName, SpanKind>> = {
    collect: api.SpanKind.PRODUCER,
    analyze: api.SpanKind.CONSUMER,
    alert: api.SpanKind.CONSUMER,
    deliver: api.SpanKind.CLIENT,
  }
  return {
    span: (name, { attributes = {}, links = [] }, run) => {
      const contexts = links.map(read).filter((context) => context !== undefined)
      const options = {
        kind: kinds[name] ?? api.SpanKind.INTERNAL,
        attributes,
        links: contexts.map((context) => ({ context })),
      }
      return tracer.startActiveSpan(name, options, (span) =>
        runInSpan(span, run, () => span.setStatus({ code: api.SpanStatusCode.ERROR })),
      )
    },
    inject: () => {
      const headers: Record<string, string> = {}
      propagator.inject(api.context.active(), headers, api.defaultTextMapSetter)
      return headers
    },
    extract: (headers) => {
      const context = contextIn(headers)
      return read(context) === undefined ? undefined : context
    },
  }
}
