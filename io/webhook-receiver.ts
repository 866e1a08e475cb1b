import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { verifySigned } from './webhook-signature.ts'

const MAX_BODY_BYTES = 65_536

export interface WebhookReceiver {
  /** Address to send to. */
  readonly url: string
  close(): Promise<void>
}

export interface ReceivedWebhook {
  readonly id: string
  /** The payload, whose signature was right. */
  readonly payload: unknown
}

/**
 * A receiver of signed webhooks on a free port of loopback: what the demo pages, and an example of how a receiver
 * checks. A wrong signature is answered 401 and told to nobody; a repeat of an id is answered like the first.
 */
export async function startWebhookReceiver(
  secret: string,
  onWebhook: (received: ReceivedWebhook) => void,
): Promise<WebhookReceiver> {
  const ids = new Set<string>()
  const server = createServer((request, response) => {
    receive(request, secret)
      .then((received) => {
        if (!ids.has(received.id)) onWebhook(received)
        remember(ids, received.id)
        answer(response, 204)
      })
      .catch(() => answer(response, 401))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function receive(request: IncomingMessage, secret: string): Promise<ReceivedWebhook> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) throw new Error('the body is too long')
    chunks.push(chunk)
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
  const payload = verifySigned(secret, headers, Buffer.concat(chunks).toString())
  return { id: headers['webhook-id'], payload }
}

/** Keeps the newest ids: repeats come soon after the first. */
function remember(ids: Set<string>, id: string): void {
  ids.add(id)
  if (ids.size > 10_000) ids.delete(ids.values().next().value!)
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status).end()
}
