import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What Prometheus reads: the text of old, or the one of OpenMetrics, which has exemplars. */
export type ExpositionFormat = 'text' | 'openmetrics'

const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

export interface MetricsPort {
  /** The port that was taken. */
  readonly port: number
  close(): Promise<void>
}

interface Place {
  readonly host: string
  readonly port: number
}

/** Serves `/metrics` and nothing else, in OpenMetrics for who accepts it. */
export async function openMetricsPort(
  { host, port }: Place,
  write: (format: ExpositionFormat) => Promise<string>,
): Promise<MetricsPort> {
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end()
      return
    }
    const format = formatFor(request.headers.accept)
    write(format).then(
      (text) => response.setHeader('content-type', CONTENT_TYPES[format]).end(text),
      () => response.writeHead(500).end(),
    )
  })
  server.requestTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  const close = async () => {
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  }
  return { port: (server.address() as AddressInfo).port, close }
}

/** @param accept header of a request */
function formatFor(accept = ''): ExpositionFormat {
  return accept.includes('application/openmetrics-text') ? 'openmetrics' : 'text'
}
