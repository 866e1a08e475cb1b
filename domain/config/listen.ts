import { Type } from 'typebox'

const TOKEN = '{ name: shop, sha256: <64 hex digits> }'

/** Options that every listening port has. */
export function listenOptions(port: number) {
  return {
    enabled: Type.Boolean({ default: true, description: 'whether this port is opened' }),
    host: Type.String({
      default: '127.0.0.1',
      pattern: '^([A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$',
      expects: 'an address or host name without scheme and port',
      description: 'address to listen on; 0.0.0.0 is every IPv4 address of the machine',
    }),
    port: Type.Integer({
      default: port,
      minimum: 0,
      maximum: 65_535,
      description: 'port to listen on; 0 takes any free one',
    }),
  }
}

/** Name of something a person configured: a metric label and part of a log line. */
export function nameOption(description: string) {
  return Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
    expects: 'a name of at most 63 lower-case letters, digits and dashes',
    example: 'shop',
    description,
  })
}

const sha256Option = Type.String({
  pattern: '^[0-9a-f]{64}$',
  expects: 'the 64 hex digits that "meshwatch token" prints beside a new token, never the token itself',
  example: '<64 hex digits>',
  sensitive: true,
  description: 'SHA-256 of the token in lower-case hex; "meshwatch token" makes a token and prints both',
})

const TOKEN_HINTS = {
  token: 'write "sha256" with the hash that "meshwatch token" prints; the token itself stays with its user',
}

const intakeToken = Type.Object(
  {
    name: nameOption('name of the source that this token sends for'),
    sha256: sha256Option,
    allows: Type.Enum(['traffic', 'lifecycle', 'both'], {
      default: 'both',
      description:
        'what it may send: calls, credential events, or both; a token of a proxy should not be able to send revocations',
    }),
  },
  { additionalProperties: false, example: TOKEN, hints: TOKEN_HINTS },
)

const apiToken = Type.Object(
  {
    name: nameOption('who uses this token; recorded with each change'),
    sha256: sha256Option,
    role: Type.Enum(['viewer', 'responder'], {
      default: 'viewer',
      description: 'viewer reads; responder also acknowledges, resolves, comments and marks as expected',
    }),
  },
  { additionalProperties: false, example: TOKEN, hints: TOKEN_HINTS },
)

/** HTTP intake: `POST /v1/logs`. */
export const intakeOptions = Type.Object(
  {
    ...listenOptions(8600),
    tokens: Type.Array(intakeToken, {
      default: [],
      example: `[${TOKEN}]`,
      description: 'who may send; without any, everybody on this machine may, and only loopback is allowed',
    }),
    maxBodyBytes: Type.Integer({
      default: 8_388_608,
      minimum: 1024,
      maximum: 268_435_456,
      description: 'longest accepted request body, after decompression; a longer one is answered 413',
    }),
    maxJournalBytes: Type.Integer({
      default: 1_073_741_824,
      minimum: 1_048_576,
      description: 'accepted but not yet analysed input kept on disk; beyond it senders are answered 429',
    }),
  },
  { default: {}, additionalProperties: false, description: 'log records sent over HTTP' },
)

/** HTTP API: `/v1/incidents` and the probes. */
export const apiOptions = Type.Object(
  {
    ...listenOptions(8601),
    tokens: Type.Array(apiToken, {
      default: [],
      example: `[${TOKEN}]`,
      description: 'who may call; without any, everybody on this machine may, and only loopback is allowed',
    }),
  },
  { default: {}, additionalProperties: false, description: 'HTTP API for incidents, and the probes' },
)

/** Prometheus metrics. */
export const metricsOptions = Type.Object(listenOptions(8602), {
  default: {},
  additionalProperties: false,
  description: 'Prometheus metrics on a port of their own, without authentication',
})
