import type { EndpointConfig } from './endpoint.ts'
import { isLoopback } from './listen-rules.ts'
import type { Mistake } from './option.ts'
import { repeated } from './repeated.ts'

/** Each endpoint has a name of its own, a safe address, and secrets that stand elsewhere. */
export function checkEndpoints(endpoints: readonly EndpointConfig[]): readonly Mistake[] {
  const names = repeated(endpoints.map(({ name }) => name)).map(({ at, first }) => ({
    path: ['alerter', 'endpoints', at, 'name'],
    problem: `the name "${endpoints[at].name}" is taken by endpoints[${first}]`,
    fix: 'give each endpoint a name of its own: deliveries are kept by it',
  }))
  return [...endpoints.flatMap(checkUrl), ...endpoints.flatMap(checkSecrets), ...names]
}

function checkUrl({ channel, options }: EndpointConfig, at: number): readonly Mistake[] {
  const [, scheme, user, host] =
    /^(https?):\/\/([^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)/.exec(String(options['url'])) ?? []
  const path = ['alerter', 'endpoints', at, channel, 'url']
  if (user !== undefined)
    return [
      {
        path,
        problem: 'the address holds a user name or password',
        fix: 'remove what stands before the @: the receiver knows us by the signature',
      },
    ]
  if (scheme !== 'http' || options['allowHttp'] || isLoopback(host.replace(/^\[|\]$/g, ''))) return []
  return [
    {
      path,
      problem: 'the address is without TLS, so anybody on the way reads the incidents',
      fix: 'write https://, or add allowHttp: true for a receiver in a trusted network',
    },
  ]
}

function checkSecrets({ channel, secrets }: EndpointConfig, at: number): readonly Mistake[] {
  return secrets.flatMap(({ file, env }, index) => {
    if ((file === undefined) !== (env === undefined)) return []
    return [
      {
        path: ['alerter', 'endpoints', at, channel, 'secrets', index],
        problem: file === undefined ? 'the secret has no place' : 'found both "file" and "env"',
        fix: 'write exactly one of the two, for example - { file: /run/secrets/webhook }',
      },
    ]
  })
}
