import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { ReceivedAlert } from './proof-scenario.ts'

/** A receiver of Alertmanager's webhooks. */
export interface Inbox {
  readonly url: string
  /** All that came, in order. */
  alerts(): readonly ReceivedAlert[]
  stop(): Promise<void>
}

export async function startInbox(): Promise<Inbox> {
  const alerts: ReceivedAlert[] = []
  const server = createServer(async (request, answer) => {
    const message = (await json(request)) as { readonly alerts: readonly ReceivedAlert[] }
    alerts.push(...message.alerts)
    answer.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    alerts: () => alerts,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
