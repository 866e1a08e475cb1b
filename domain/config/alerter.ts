import { Type } from 'typebox'
import { SEVERITIES } from '../finding.ts'
import { nameOption } from './listen.ts'

const ENDPOINT =
  '{ name: pager, url: https://alerts.example.com/meshwatch, secrets: [{ env: PAGER_SECRET }] }'

const secretOptions = Type.Object(
  {
    file: Type.Optional(
      Type.String({
        minLength: 1,
        expects: 'the path of a file that holds the secret',
        example: '/run/secrets/webhook',
        description: 'path of a file that holds the secret, relative to the configuration file',
      }),
    ),
    env: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
        expects: 'the name of an environment variable',
        example: 'MESHWATCH_WEBHOOK_SECRET',
        sensitive: true,
        description: 'name of the environment variable that holds the secret',
      }),
    ),
  },
  {
    additionalProperties: false,
    sensitive: true,
    expects: 'where the secret is found, never the secret itself',
    example: '{ file: /run/secrets/webhook }',
  },
)

const endpointOptions = Type.Object(
  {
    name: nameOption('name in metrics, logs and delivery ids; renaming it sends open incidents anew'),
    url: Type.String({
      pattern: '^https?://[^\\s/?#]+',
      expects: 'an address that begins with https://',
      example: 'https://alerts.example.com/meshwatch',
      sensitive: true,
      description: 'where notifications are posted',
    }),
    secrets: Type.Array(secretOptions, {
      minItems: 1,
      sensitive: true,
      expects: 'a list of at least one place where a secret is found, never the secret itself',
      example: '[{ file: /run/secrets/webhook }]',
      description:
        'signing secrets (Standard Webhooks, "whsec_…"), newest first; two during a rotation, and each request is signed with both',
    }),
    minSeverity: Type.Enum(SEVERITIES, {
      default: 'info',
      description: 'incidents below this severity are not sent here',
    }),
    allowHttp: Type.Boolean({ default: false, description: 'allows an address without TLS' }),
    allowPrivate: Type.Boolean({
      default: false,
      description: 'allows addresses of loopback, link-local and private networks',
    }),
  },
  {
    additionalProperties: false,
    example: ENDPOINT,
    hints: {
      secret: 'write "secrets", for example secrets: [{ file: /run/secrets/webhook }]',
      token: 'write "secrets", for example secrets: [{ file: /run/secrets/webhook }]',
    },
  },
)

const quietMs = (days: number, which: string) =>
  Type.Integer({
    default: days * 86_400_000,
    minimum: 60_000,
    maximum: 31_536_000_000,
    description: `an incident ${which} resolves by itself when nothing was added to it for this long`,
  })

/** Options of the alerter: where incidents go and when they end. */
export const alerterOptions = Type.Object(
  {
    autoResolveMs: Type.Object(
      {
        statistical: quietMs(1, 'of unusual behaviour'),
        certain: quietMs(7, 'of a rule that was certainly broken'),
      },
      { default: {}, additionalProperties: false, description: 'when an incident ends by itself' },
    ),
    endpoints: Type.Array(endpointOptions, {
      default: [],
      example: `[${ENDPOINT}]`,
      description: 'webhooks that each version of an incident is sent to',
    }),
    links: Type.Object(
      {
        baseUrl: Type.Optional(
          Type.String({
            pattern: '^https?://[^\\s?#@]+$',
            expects: 'an address that begins with https:// or http://, without a query',
            example: 'https://meshwatch.example.com',
            description: 'where people reach the API; notifications then link to their incident',
          }),
        ),
      },
      { default: {}, additionalProperties: false, description: 'links in notifications' },
    ),
  },
  { default: {}, additionalProperties: false, description: 'incidents and notifications' },
)
