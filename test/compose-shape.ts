import { Type } from 'typebox'

/**
 * What of the Compose Specification (https://github.com/compose-spec/compose-spec) our file may use. Stricter than the
 * specification: one way to write each thing, and nothing else, so that every key is one that a test looks at.
 */

const closed = { additionalProperties: false }
const text = Type.String({ minLength: 1 })
const duration = Type.String({ pattern: '^\\d+(ms|s|m|h)$' })
const named = <Value extends Parameters<typeof Type.Record>[1]>(value: Value) =>
  Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$' }), value)

const healthcheck = Type.Union([
  Type.Object({ disable: Type.Literal(true) }, closed),
  Type.Object(
    {
      test: Type.Array(text, { minItems: 2 }),
      interval: duration,
      timeout: duration,
      retries: Type.Integer({ minimum: 1 }),
      start_period: Type.Optional(duration),
    },
    closed,
  ),
])

const mounted = Type.Object({ source: text, target: Type.Optional(Type.String({ pattern: '^/' })) }, closed)

const dependency = Type.Object(
  { condition: Type.Enum(['service_started', 'service_healthy', 'service_completed_successfully']) },
  closed,
)

export const ComposeService = Type.Object(
  {
    image: text,
    build: Type.Optional(Type.Literal('.')),
    command: Type.Optional(Type.Array(text)),
    environment: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' }), Type.String())),
    user: Type.Optional(Type.String({ pattern: '^\\d+:\\d+$' })),
    read_only: Type.Optional(Type.Boolean()),
    tmpfs: Type.Optional(Type.Array(text)),
    cap_drop: Type.Array(text),
    security_opt: Type.Array(text),
    restart: Type.Enum(['no', 'unless-stopped']),
    stop_grace_period: Type.Optional(duration),
    ports: Type.Optional(Type.Array(text)),
    volumes: Type.Optional(Type.Array(text)),
    configs: Type.Optional(Type.Array(mounted)),
    secrets: Type.Optional(Type.Array(mounted)),
    networks: Type.Array(text, { minItems: 1 }),
    healthcheck,
    depends_on: Type.Optional(named(dependency)),
  },
  closed,
)

const file = Type.Object({ file: Type.String({ pattern: '^\\./' }) }, closed)

export const ComposeFile = Type.Object(
  {
    name: text,
    'x-hardened': Type.Unknown(),
    'x-role': Type.Unknown(),
    services: named(ComposeService),
    configs: named(file),
    secrets: named(file),
    volumes: named(Type.Object({}, closed)),
    networks: named(Type.Object({ internal: Type.Optional(Type.Boolean()) }, closed)),
  },
  closed,
)
