import type { Send } from '../alerter/deliver.ts'
import type { OwedDelivery } from '../domain/incident.ts'
import type { TraceContext, Tracer } from '../domain/trace.ts'

/** A sender that runs each delivery within a span, linked to the batch that made it necessary. */
export interface TracedSend {
  readonly send: Send
  /** Deliveries that the running span has made necessary. */
  owe(deliveries: readonly Pick<OwedDelivery, 'id'>[]): void
}

/** Batches remembered for deliveries not sent yet; after a restart none are, and a delivery has no link. */
const MOST_LINKS = 1000

export function tracedSend(tracer: Tracer, send: Send): TracedSend {
  const links = new Map<string, TraceContext>()
  return {
    owe: (deliveries) => {
      const context = tracer.inject()
      if (Object.keys(context).length === 0) return
      for (const { id } of deliveries) remember(links, id, context)
    },
    send: (request) => {
      const link = links.get(request.id)
      const attributes = { 'meshwatch.delivery.id': request.id, 'server.address': hostOf(request.url) }
      return tracer.span('deliver', { attributes, links: link === undefined ? [] : [link] }, async (span) => {
        const attempt = await send(request)
        span.set({ 'meshwatch.outcome': attempt.outcome })
        if (attempt.status !== undefined) span.set({ 'http.response.status_code': attempt.status })
        if (attempt.outcome === 'delivered') links.delete(request.id)
        return attempt
      })
    },
  }
}

function remember(links: Map<string, TraceContext>, id: string, context: TraceContext): void {
  links.set(id, context)
  const [oldest] = links.keys()
  if (links.size > MOST_LINKS) links.delete(oldest)
}

/** The rest of an address may hold a token of its receiver. */
function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? ''
}
