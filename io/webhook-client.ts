import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, type Dispatcher, request } from 'undici'
import type { AttemptOutcome } from '../domain/incident.ts'
import { isLoopbackAddress, isPublicAddress } from './address.ts'
import { classifyFailure } from './webhook-failure.ts'
import { signHeaders } from './webhook-signature.ts'

/** Bytes of an answer that are read, and dropped: nobody needs them, and a hostile receiver may send without end. */
const MAX_ANSWER_BYTES = 65_536

export interface OutgoingRequest {
  readonly id: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly secrets: readonly string[]
  readonly allowHttp: boolean
  readonly allowPrivate: boolean
  /** For all of it: name look-up, connection, request and answer. */
  readonly deadlineMs: number
}

export interface Ended {
  readonly outcome: AttemptOutcome
  readonly status?: number
  readonly retryAfter?: string
}

interface Address {
  readonly address: string
  readonly family: number
}
type Resolve = (host: string) => Promise<readonly Address[]>

/**
 * Makes one attempt. Redirects are not followed, no proxy of the environment is used, and the connection goes to the
 * address that was checked, so that a name cannot answer differently the second time.
 * @returns how it ended, from a closed list; nothing of the answer's text and nothing of the URL
 */
export async function sendWebhook(
  outgoing: OutgoingRequest,
  resolve: Resolve = (host) => lookup(host, { all: true }),
): Promise<Ended> {
  const signal = AbortSignal.timeout(outgoing.deadlineMs)
  const url = URL.parse(outgoing.url)
  if (url === null) return { outcome: 'forbidden-url' }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!isAllowedUrl(url, host, outgoing)) return { outcome: 'forbidden-url' }
  try {
    const addresses = isIP(host)
      ? [{ address: host, family: isIP(host) }]
      : await within(signal, resolve(host))
    if (!addresses.every(({ address }) => isAllowedAddress(address, host, outgoing)))
      return { outcome: 'forbidden-address' }
    return await post(outgoing, addresses, signal)
  } catch (error) {
    return { outcome: classifyFailure(error) }
  }
}

function isAllowedUrl(url: URL, host: string, { allowHttp }: OutgoingRequest): boolean {
  if (url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && (allowHttp || namesLoopback(host)))
}

/** Loopback is no surprise where the operator wrote it; it is one where a public name leads to it. */
function isAllowedAddress(address: string, host: string, { allowPrivate }: OutgoingRequest): boolean {
  if (allowPrivate || isPublicAddress(address)) return true
  return namesLoopback(host) && isLoopbackAddress(address)
}

function namesLoopback(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host)
}

async function within<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

async function post(
  outgoing: OutgoingRequest,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<Ended> {
  const { id, body, secrets } = outgoing
  const agent = new Agent({ connect: { lookup: pinned(addresses) }, headersTimeout: 0, bodyTimeout: 0 })
  try {
    const answer = await request(outgoing.url, {
      method: 'POST',
      headers: {
        'user-agent': 'meshwatch',
        ...outgoing.headers,
        ...signHeaders({ id, time: new Date(), body, secrets }),
      },
      body,
      signal,
      dispatcher: agent,
    })
    await dropBody(answer.body)
    const retryAfter = answer.headers['retry-after']
    return {
      outcome: outcomeOf(answer.statusCode),
      status: answer.statusCode,
      ...(typeof retryAfter === 'string' && { retryAfter }),
    }
  } finally {
    await agent.destroy()
  }
}

/** A look-up that knows the checked addresses only. */
function pinned(addresses: readonly Address[]): LookupFunction {
  return (_host, options, callback) => {
    if (options.all) callback(null, [...addresses])
    else callback(null, addresses[0].address, addresses[0].family)
  }
}

async function dropBody(body: Dispatcher.ResponseData['body']): Promise<void> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) return
  }
}

function outcomeOf(status: number): AttemptOutcome {
  if (status >= 200 && status < 300) return 'delivered'
  if (status < 400) return 'redirect'
  if (status === 410) return 'gone'
  if (status === 429) return 'rate-limited'
  return status < 500 ? 'status-4xx' : 'status-5xx'
}
