import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A receiver that takes everything and remembers it in order. */
export interface Receiver {
  readonly url: string
  readonly received: readonly { readonly id: string; readonly body: string }[]
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: { id: string; body: string }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    received.push({ id: String(request.headers['webhook-id']), body: Buffer.concat(chunks).toString() })
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
