import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A span as OTLP in JSON has it. */
export interface ReceivedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly failed: boolean
}

export interface OtlpReceiver {
  readonly url: string
  readonly spans: ReceivedSpan[]
  /** Of the last request. */
  readonly resource: Readonly<Record<string, unknown>>
  readonly headers: readonly NodeJS.Dict<string | string[]>[]
  close(): Promise<void>
}

interface KeyValue {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

const record = (pairs: readonly KeyValue[] = []) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]))

/** A receiver of traces over OTLP/HTTP on a free port of this machine. */
export async function startOtlpReceiver(answer = 200): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const headers: NodeJS.Dict<string | string[]>[] = []
  let resource = {}
  const server = createServer(async (request, response) => {
    headers.push(request.headers)
    const body = JSON.parse(await text(request))
    for (const { resource: told, scopeSpans } of body.resourceSpans) {
      resource = record(told.attributes)
      for (const { spans: sent } of scopeSpans)
        for (const { attributes, links = [], status, ...span } of sent)
          spans.push({ ...span, attributes: record(attributes), links, failed: status?.code === 2 })
    }
    response.writeHead(answer, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    spans,
    headers,
    get resource() {
      return resource
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
