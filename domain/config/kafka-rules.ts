import type { KafkaConfig } from './kafka.ts'
import type { SaslConfig, TokenConfig } from './kafka-sasl.ts'
import type { Mistake } from './option.ts'

/** What belongs together in `kafka`: certificate and key, mechanism and secrets, how long topics keep records. */
export function checkKafka(kafka: KafkaConfig | undefined): readonly Mistake[] {
  if (kafka === undefined) return []
  return [...checkTls(kafka), ...checkSasl(kafka.sasl), ...checkRetention(kafka)]
}

function checkTls({ tls }: KafkaConfig): readonly Mistake[] {
  if (tls === undefined || (tls.certFile === undefined) === (tls.keyFile === undefined)) return []
  const [found, missing] = tls.certFile === undefined ? ['keyFile', 'certFile'] : ['certFile', 'keyFile']
  return [
    {
      path: ['kafka', 'tls'],
      problem: `found "${found}" without "${missing}"`,
      fix: `add "${missing}": a certificate and its key belong together`,
    },
  ]
}

function checkSasl(sasl: SaslConfig | undefined): readonly Mistake[] {
  if (sasl === undefined) return []
  const path = ['kafka', 'sasl']
  const secret = (key: 'username' | 'password' | 'token', fix: string): readonly Mistake[] =>
    sasl[key] === undefined ? [{ path, problem: `${sasl.mechanism} has no "${key}"`, fix }] : []
  if (sasl.mechanism === 'oauthbearer')
    return [
      ...secret('token', 'add "token" with a file, or with endpoint, clientId and clientSecret'),
      ...(sasl.token === undefined ? [] : checkToken(sasl.token)),
    ]
  return [
    ...secret('username', 'add "username"'),
    ...secret('password', 'add "password" with the file or env where it is found'),
    ...(sasl.password === undefined ? [] : checkPlace(sasl.password, [...path, 'password'])),
  ]
}

function checkToken(token: TokenConfig): readonly Mistake[] {
  const path = ['kafka', 'sasl', 'token']
  if ((token.file === undefined) === (token.endpoint === undefined))
    return [
      {
        path,
        problem:
          token.file === undefined
            ? 'found neither "file" nor "endpoint"'
            : 'found both "file" and "endpoint"',
        fix: 'write exactly one of them',
      },
    ]
  if (token.endpoint === undefined) return []
  if (token.clientId === undefined || token.clientSecret === undefined)
    return [{ path, problem: 'the endpoint has no client', fix: 'add "clientId" and "clientSecret"' }]
  return checkPlace(token.clientSecret, [...path, 'clientSecret'])
}

function checkPlace(
  { file, env }: { readonly file?: string; readonly env?: string },
  path: readonly string[],
): readonly Mistake[] {
  if ((file === undefined) !== (env === undefined)) return []
  const problem = file === undefined ? 'found neither "file" nor "env"' : 'found both "file" and "env"'
  return [{ path, problem, fix: 'write exactly one of them' }]
}

function checkRetention({ retention: { streamHours, factsHours } }: KafkaConfig): readonly Mistake[] {
  if (factsHours >= streamHours) return []
  return [
    {
      path: ['kafka', 'retention', 'factsHours'],
      problem: `facts are kept for ${factsHours} hours and the stream for ${streamHours}`,
      fix: `write ${streamHours} or more: rows that are read again need the facts of their hour`,
    },
  ]
}
