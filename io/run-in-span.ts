import type { Span, SpanAttributes } from '../domain/trace.ts'

/** A span of the telemetry library, as far as it is used here. */
interface OpenSpan {
  setAttributes(attributes: SpanAttributes): unknown
  end(): void
}

/**
 * Runs work, then ends its span: at once, or when the promise that it returns settles. A span that is never ended is
 * never sent, which is how one is dropped.
 * @param markFailed told before the end of work that threw
 */
export function runInSpan<Result>(
  open: OpenSpan,
  run: (span: Span) => Result,
  markFailed: () => void,
): Result {
  let isDropped = false
  const span: Span = {
    set: (attributes) => void open.setAttributes(attributes),
    drop: () => {
      isDropped = true
    },
  }
  const fail = (error: unknown): never => {
    open.setAttributes({ 'error.type': nameOf(error) })
    markFailed()
    open.end()
    throw error
  }
  const succeed = (result: Awaited<Result>) => {
    if (!isDropped) open.end()
    return result
  }
  let result: Result
  try {
    result = run(span)
  } catch (error) {
    return fail(error)
  }
  return result instanceof Promise
    ? (result.then(succeed, fail) as Result)
    : succeed(result as Awaited<Result>)
}

/** The code or class of an error. Its message stays here: it may quote what was being worked on. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error ? String(error.code) : error.name
}
