import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A receiver of webhooks that remembers when a thief was first named to it. */
export interface Pager {
  readonly url: string
  /** By the name of the thief, epoch ms. */
  readonly named: ReadonlyMap<string, number>
  close(): Promise<void>
}

export async function openPager(): Promise<Pager> {
  const named = new Map<string, number>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const now = Date.now()
    for (const [thief] of Buffer.concat(chunks)
      .toString()
      .matchAll(/thief-[a-z]+-\d+/g))
      if (!named.has(thief)) named.set(thief, now)
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    named,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
