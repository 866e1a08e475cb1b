import { type Static, Type } from 'typebox'
import { type SecretReference, secretReference } from './alerter.ts'

const ADDRESS = '^([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$'

function address(description: string) {
  return Type.String({
    pattern: ADDRESS,
    expects: 'host:port, without a scheme',
    example: 'redis.example.com:6379',
    description,
  })
}

function addresses(description: string) {
  return Type.Array(address('one of them'), {
    minItems: 1,
    example: '[redis-1.example.com:6379, redis-2.example.com:6379]',
    description,
  })
}

function user(whose: string) {
  return Type.Optional(
    Type.String({
      minLength: 1,
      example: 'meshwatch',
      description: `ACL user ${whose}; without one, "default"`,
    }),
  )
}

function password(whose: string) {
  return Type.Optional({
    ...secretReference,
    example: '{ env: MESHWATCH_REDIS_PASSWORD }',
    description: `where the password ${whose} is found`,
  })
}

const sentinelOptions = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      default: 'mymaster',
      description: 'name of the master that the Sentinels watch',
    }),
    addresses: addresses('addresses of the Sentinels'),
    username: user('at the Sentinels'),
    password: password('of the Sentinels, when they ask for one'),
  },
  { additionalProperties: false, description: 'Sentinels that know the master' },
)

const tlsOptions = Type.Object(
  {
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        example: '/etc/meshwatch/redis-ca.pem',
        description: 'PEM file of the authorities to trust instead of those of the system',
      }),
    ),
    serverName: Type.Optional(
      Type.String({
        minLength: 1,
        example: 'redis.example.com',
        description: 'name that the certificates must hold, where it is not the one in the address',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'TLS for every connection, of Sentinels as well; `tls: {}` trusts what the system trusts',
  },
)

/** Redis: checkpoints, incidents and the outbox of the roles that run apart. */
export const redisOptions = Type.Object(
  {
    address: Type.Optional(address('address of one server')),
    sentinel: Type.Optional(sentinelOptions),
    cluster: Type.Optional(
      addresses('addresses of some nodes of a cluster; the others are learned from them'),
    ),
    username: user('of Redis'),
    password: password('of the user'),
    tls: Type.Optional(tlsOptions),
    namespace: Type.String({
      pattern: '^[a-z0-9][a-z0-9._-]{0,62}$',
      expects: 'a name of at most 63 lower-case letters, digits, dots and dashes',
      default: 'meshwatch',
      description: 'beginning of every key, inside its hash tag; each deployment on a Redis needs its own',
    }),
    commandTimeoutMs: Type.Integer({
      default: 5000,
      minimum: 100,
      maximum: 60_000,
      description: 'longest wait for a connection and for an answer; then the work pauses and is tried again',
    }),
  },
  {
    additionalProperties: false,
    hints: {
      url: 'write "address" with host:port; user and password have keys of their own',
      host: 'write "address" with host:port',
      port: 'write "address" with host:port',
      db: 'use database 0, and "namespace" to keep deployments apart',
      keyPrefix: 'write "namespace"',
    },
    description: 'Redis, for roles that run as processes apart: exactly one of address, sentinel and cluster',
  },
)

export type RedisConfig = Static<typeof redisOptions>

/** The section with its files as `absolute` names them. */
export function withRedisPaths(redis: RedisConfig, absolute: (path: string) => string): RedisConfig {
  const { password, tls, sentinel } = redis
  const placed = (secret: SecretReference): SecretReference =>
    secret.file === undefined ? secret : { file: absolute(secret.file) }
  return {
    ...redis,
    ...(password && { password: placed(password) }),
    ...(tls?.caFile && { tls: { ...tls, caFile: absolute(tls.caFile) } }),
    ...(sentinel?.password && { sentinel: { ...sentinel, password: placed(sentinel.password) } }),
  }
}
