import { readFile } from 'node:fs/promises'
import type { SaslConfig, TokenConfig } from '../domain/config/kafka-sasl.ts'
import { readSecret } from './secret.ts'
import { fileError, worldError } from './world-error.ts'

/** Longest answer of a token endpoint in characters. */
const MAX_ANSWER_LENGTH = 65_536
const DEADLINE_MS = 10_000

type Environment = Readonly<Record<string, string | undefined>>

/** The options that kafkajs takes. Secrets are read at once, tokens anew for each connection. */
export function saslOf(sasl: SaslConfig, environment: Environment) {
  const { mechanism, username = '', password = {}, token = {} } = sasl
  if (mechanism === 'oauthbearer') {
    const oauthBearerProvider = async () => ({ value: await bearerToken(token, environment) })
    return { mechanism, oauthBearerProvider } as const
  }
  const login = { username, password: readSecret(password, environment) }
  if (mechanism === 'plain') return { mechanism, ...login }
  if (mechanism === 'scram-sha-256') return { mechanism, ...login }
  return { mechanism, ...login }
}

/**
 * A token from its file, or from the endpoint by the grant client_credentials (RFC 6749 section 4.4).
 * @throws WorldError `kafka-token` that never repeats the secret or the answer
 */
export async function bearerToken(config: TokenConfig, environment: Environment): Promise<string> {
  if (config.file !== undefined) return readToken(config.file)
  const { endpoint = '', clientId = '', clientSecret = {}, scope } = config
  const basic = [clientId, readSecret(clientSecret, environment)].map(encodeURIComponent).join(':')
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) })
  const failed = (why: string, cause?: unknown) =>
    worldError('kafka-token', `token endpoint ${new URL(endpoint).origin}: ${why}`, cause)
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}`, accept: 'application/json' },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).catch((cause: unknown) => {
    throw failed('no answer', cause)
  })
  const text = (await answer.text()).slice(0, MAX_ANSWER_LENGTH)
  if (!answer.ok) throw failed(`answered ${answer.status}`)
  const token = tokenIn(text)
  if (token === undefined) throw failed('the answer holds no access_token')
  return token
}

async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw fileError(file, cause)
  })
  if (text.trim() === '') throw worldError('kafka-token', `${file}: holds no token`)
  return text.trim()
}

function tokenIn(text: string): string | undefined {
  try {
    const { access_token: token } = JSON.parse(text) as { readonly access_token?: unknown }
    return typeof token === 'string' && token !== '' ? token : undefined
  } catch {
    return undefined
  }
}
