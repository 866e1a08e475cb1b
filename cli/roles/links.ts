import type { TraceContext } from '../../domain/trace.ts'
import type { LogRecord } from '../../io/kafka-group.ts'
import type { Role } from './role.ts'

/** A span holds no more links than this by itself. */
export const MOST_LINKS = 128

/** The spans in which records were made, each once. */
export function linksOf({ tracer }: Role, records: readonly LogRecord[]): readonly TraceContext[] {
  const links = new Map<string, TraceContext>()
  for (const { headers } of records) {
    const context = tracer.extract(headers)
    if (context !== undefined && links.size < MOST_LINKS) links.set(context['traceparent'], context)
  }
  return [...links.values()]
}
