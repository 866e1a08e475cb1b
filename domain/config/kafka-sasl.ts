import { type Static, Type } from 'typebox'

const secretText = (what: string, example: string) =>
  Type.Object(
    {
      file: Type.Optional(
        Type.String({
          minLength: 1,
          expects: 'the path of a file that holds the secret',
          example,
          description: `path of a file that holds ${what}, relative to the configuration file`,
        }),
      ),
      env: Type.Optional(
        Type.String({
          pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
          expects: 'the name of an environment variable',
          example: 'MESHWATCH_KAFKA_PASSWORD',
          sensitive: true,
          description: `name of the environment variable that holds ${what}`,
        }),
      ),
    },
    {
      additionalProperties: false,
      sensitive: true,
      expects: 'where the secret is found, never the secret itself',
      example: `{ file: ${example} }`,
      description: `where ${what} is found`,
    },
  )

const tokenOptions = Type.Object(
  {
    file: Type.Optional(
      Type.String({
        minLength: 1,
        expects: 'the path of a file',
        example: '/var/run/secrets/kafka/token',
        description: 'path of a file that holds a token; read anew for each connection',
      }),
    ),
    endpoint: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s/@]+(/\\S*)?$',
        expects: 'an address that begins with https://, without a user in it',
        example: 'https://login.example.com/oauth2/token',
        description: 'token endpoint of OAuth 2.0, asked with the grant client_credentials',
      }),
    ),
    clientId: Type.Optional(
      Type.String({ minLength: 1, example: 'meshwatch', description: 'client id at the token endpoint' }),
    ),
    clientSecret: Type.Optional(
      secretText('the client secret for the token endpoint', '/run/secrets/kafka-client'),
    ),
    scope: Type.Optional(
      Type.String({ minLength: 1, example: 'kafka', description: 'scope to ask the token endpoint for' }),
    ),
  },
  {
    additionalProperties: false,
    example: '{ file: /var/run/secrets/kafka/token }',
    description:
      'where the token of oauthbearer comes from: a file, or an endpoint with clientId and clientSecret',
  },
)

/** How Meshwatch proves to the brokers who it is. */
export const saslOptions = Type.Object(
  {
    mechanism: Type.Enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'], {
      example: 'scram-sha-512',
      description: 'SASL mechanism; oauthbearer needs "token", the others "username" and "password"',
    }),
    username: Type.Optional(
      Type.String({ minLength: 1, example: 'meshwatch', description: 'user name at the brokers' }),
    ),
    password: Type.Optional(secretText('the password', '/run/secrets/kafka')),
    token: Type.Optional(tokenOptions),
  },
  {
    additionalProperties: false,
    example: '{ mechanism: scram-sha-512, username: meshwatch, password: { file: /run/secrets/kafka } }',
    description: 'authentication at the brokers; none when absent',
  },
)

export type SaslConfig = Static<typeof saslOptions>
export type TokenConfig = Static<typeof tokenOptions>
