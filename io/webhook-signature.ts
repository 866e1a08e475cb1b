import { Webhook } from 'standardwebhooks'

export interface SignedHeaders extends Record<string, string> {
  'webhook-id': string
  'webhook-timestamp': string
  'webhook-signature': string
}

/**
 * Headers of Standard Webhooks for one attempt: the time is that of the attempt, the id that of the message. With two
 * secrets there are two signatures, so a receiver may hold either while one replaces the other.
 */
export function signHeaders(message: {
  readonly id: string
  readonly time: Date
  readonly body: string
  readonly secrets: readonly string[]
}): SignedHeaders {
  const { id, time, body, secrets } = message
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, time, body)).join(' '),
  }
}

/**
 * The payload of a message that was signed with this secret within the last five minutes.
 * @throws WebhookVerificationError
 */
export function verifySigned(secret: string, headers: Record<string, string>, body: string): unknown {
  return new Webhook(secret).verify(body, headers)
}
