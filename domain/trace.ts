/**
 * What the program tells of its own work as traces: a span for each batch and each delivery, never for a row. Links
 * lead from a span to the batches that it follows from, also when another process made them.
 */

/** Where a span stands, as W3C Trace Context headers (https://www.w3.org/TR/trace-context/); {} for no span. */
export type TraceContext = Readonly<Record<string, string>>

/** `round`: one turn of the embedded mode, around the others. */
export type SpanName = 'round' | 'collect' | 'analyze' | 'alert' | 'deliver'

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

export interface SpanSetup {
  readonly attributes?: SpanAttributes
  /** Spans that this one follows from. */
  readonly links?: readonly TraceContext[]
}

/** The span of the work that is running. */
export interface Span {
  /** Adds what is known only at the end. */
  set(attributes: SpanAttributes): void
  /** There was nothing to do: nothing is told of it. */
  drop(): void
}

/** Headers of a Kafka record, as a client gives them. */
export type RecordHeaders = Readonly<
  Record<string, string | Uint8Array | readonly (string | Uint8Array)[] | undefined>
>

export interface Tracer {
  /**
   * Runs work within a span, which ends when `run` returns or its promise settles. What it returns or throws passes
   * through; a failure marks the span.
   */
  span<Result>(name: SpanName, setup: SpanSetup, run: (span: Span) => Result): Result
  /** Headers that tell another process of the span that is running. */
  inject(): TraceContext
  /** What `inject` put into the headers of a record; undefined when there is nothing, or nothing valid. */
  extract(headers: RecordHeaders): TraceContext | undefined
}

const NO_SPAN: Span = { set: () => {}, drop: () => {} }
const NO_CONTEXT: TraceContext = Object.freeze({})

/** Runs the work and tells nobody. */
export const NO_TRACER: Tracer = {
  span: (_name, _setup, run) => run(NO_SPAN),
  inject: () => NO_CONTEXT,
  extract: () => undefined,
}

/**
 * Id of the trace that a context is of, 32 hex digits; undefined when there is none, or its spans are not kept (W3C Trace
 * Context, section 3.2: version, trace id, parent id and flags, of which the lowest says sampled).
 */
export function sampledTraceId({ traceparent = '' }: TraceContext): string | undefined {
  return /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f][13579bdf]$/.exec(traceparent)?.[1]
}

const TRACE_HEADERS = ['traceparent', 'tracestate']
const decoder = new TextDecoder()

/** The headers of a record that belong to a trace, as text. Whether they are valid is not checked. */
export function contextIn(headers: RecordHeaders): TraceContext {
  const texts = TRACE_HEADERS.flatMap((name) => {
    const value = [headers[name]].flat()[0]
    if (value === undefined) return []
    return [[name, typeof value === 'string' ? value : decoder.decode(value as Uint8Array)]]
  })
  return Object.fromEntries(texts)
}
