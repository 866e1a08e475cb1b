import { type Static, type TObject, type TSchema, Type } from 'typebox'
import { SEVERITIES } from '../finding.ts'
import { nameOption } from './listen.ts'
import type { OptionSchema } from './option.ts'

/** Options of the channels by name, each the schema of an object: what the registry knows. */
export type ChannelOptions = Readonly<Record<string, TSchema>>

/** Options that say where one secret is found. */
export const secretReference = Type.Object(
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

/** Where a secret is found: exactly one of the two is set. */
export type SecretReference = Static<typeof secretReference>

const SECRET_HINT = 'write "secrets", for example secrets: [{ file: /run/secrets/webhook }]'
const SECRET_HINTS = { secret: SECRET_HINT, token: SECRET_HINT, key: SECRET_HINT }

/** A channel's options as they are written: `secrets`, where it has them, say where each is found. */
function channelOptions(name: string, options: TSchema) {
  const { secrets, ...properties } = (options as TObject).properties
  const references = Type.Array(secretReference, {
    minItems: (secrets as OptionSchema | undefined)?.minItems ?? 0,
    sensitive: true,
    expects: 'a list of the places where each secret is found, never a secret itself',
    example: '[{ file: /run/secrets/webhook }]',
    description: (secrets as OptionSchema | undefined)?.description ?? '',
  })
  return Type.Object(
    { ...properties, ...(secrets && { secrets: references }) },
    {
      additionalProperties: false,
      hints: SECRET_HINTS,
      description: `sends by the channel ${name}`,
      example: `{ url: https://alerts.example.com/, secrets: [{ env: PAGER_SECRET }] }`,
    },
  )
}

function endpointOptions(channels: ChannelOptions) {
  const byName = Object.entries(channels).map(
    ([name, options]) => [name, Type.Optional(channelOptions(name, options))] as const,
  )
  return Type.Object(
    {
      name: nameOption('name in metrics, logs and delivery ids; renaming it sends open incidents anew'),
      minimumSeverity: Type.Enum(SEVERITIES, {
        default: 'low',
        description: 'incidents below this severity are not sent here',
      }),
      ...Object.fromEntries(byName),
    },
    { additionalProperties: false, hints: misplacedOptions(channels) },
  )
}

/** What to say of a channel's option that stands beside the channel. */
function misplacedOptions(channels: ChannelOptions): Readonly<Record<string, string>> {
  const homes = Object.keys(channels).map((name) => `"${name}:"`)
  const options = Object.values(channels).flatMap((schema) => Object.keys((schema as TObject).properties))
  const hints = options.map((option) => [option, `move it below ${homes.join(' or ')}`])
  return { ...SECRET_HINTS, ...Object.fromEntries(hints) }
}

/** Options of the alerter: when incidents end, and where they are sent. */
export function alerterOptions(channels: ChannelOptions) {
  return Type.Object(
    {
      quietMinutes: Type.Number({
        default: 60,
        minimum: 1,
        maximum: 525_600,
        description:
          'an incident of unusual behaviour resolves by itself after this much event time without a new finding',
      }),
      certainQuietHours: Type.Number({
        default: 24,
        minimum: 1,
        maximum: 8760,
        description:
          'an incident of a rule that was certainly broken resolves by itself after this much event time without a new finding',
      }),
      agreementMinutes: Type.Number({
        default: 60,
        minimum: 0,
        maximum: 1440,
        description: 'different detectors that speak about one caller within this time open an incident',
      }),
      inFlightPerEndpoint: Type.Integer({
        default: 4,
        minimum: 1,
        maximum: 64,
        description: 'notifications sent to one endpoint at the same time',
      }),
      attemptSeconds: Type.Number({
        default: 15,
        exclusiveMinimum: 0,
        maximum: 60,
        description: 'longest time for one attempt to deliver, from name look-up to the end of the answer',
      }),
      publicUrl: Type.Optional(
        Type.String({
          pattern: '^https?://[^\\s?#@]+$',
          expects: 'an address that begins with https:// or http://, without a query',
          example: 'https://meshwatch.example.com',
          description: 'address of the API as people reach it; notifications then link to their incident',
        }),
      ),
      endpoints: Type.Array(endpointOptions(channels), {
        default: [],
        example:
          '[{ name: pager, webhook: { url: https://alerts.example.com/, secrets: [{ env: PAGER_SECRET }] } }]',
        description: 'where each version of an incident is sent, by one channel each',
      }),
    },
    { default: {}, additionalProperties: false, description: 'incidents and notifications' },
  )
}
