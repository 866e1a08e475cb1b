import { type Static, Type } from 'typebox'
import { secretReference } from './alerter.ts'
import { isLoopback } from './listen-rules.ts'
import type { Mistake } from './option.ts'

const header = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9-]{1,100}$',
      expects: 'the name of an HTTP header',
      example: 'authorization',
      description: 'name of the header',
    }),
    value: {
      ...secretReference,
      example: '{ file: /run/secrets/traces }',
      description: 'where the whole value of the header is found',
    },
  },
  {
    additionalProperties: false,
    example: '{ name: authorization, value: { file: /run/secrets/traces } }',
  },
)

const resourceAttribute = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z][a-z0-9_.]{0,99}$',
      expects: 'a name of lower-case letters, digits, dots and underscores',
      example: 'deployment.environment.name',
      description: 'name of the attribute',
    }),
    value: Type.String({
      minLength: 1,
      maxLength: 200,
      example: 'production',
      description: 'its value',
    }),
  },
  { additionalProperties: false, example: '{ name: deployment.environment.name, value: production }' },
)

/** Traces of Meshwatch itself, over OpenTelemetry. */
export const telemetryOptions = Type.Object(
  {
    enabled: Type.Boolean({
      default: false,
      description: 'whether traces are sent; nothing is loaded when not',
    }),
    endpoint: Type.String({
      pattern: '^https?://[^\\s?#@]+$',
      expects: 'an address that begins with https:// or http://, without user and query',
      default: 'http://127.0.0.1:4318/v1/traces',
      description: 'address that takes traces as OTLP over HTTP in JSON, with its path',
    }),
    headers: Type.Array(header, {
      default: [],
      example: '[{ name: authorization, value: { file: /run/secrets/traces } }]',
      description: 'headers of each request',
    }),
    sampleRatio: Type.Number({
      default: 1,
      minimum: 0,
      maximum: 1,
      description: 'share of traces that are sent; there is one for each batch and each delivery',
    }),
    serviceName: Type.String({
      minLength: 1,
      maxLength: 200,
      default: 'meshwatch',
      description: 'service.name of the resource',
    }),
    resource: Type.Array(resourceAttribute, {
      default: [],
      example: '[{ name: deployment.environment.name, value: production }]',
      description: 'more attributes of the resource, beside version, instance and host',
    }),
  },
  { default: {}, additionalProperties: false, description: 'traces of Meshwatch itself' },
)

export type TelemetryConfig = Static<typeof telemetryOptions>

/** The section with its files as `absolute` names them. */
export function withTelemetryPaths(
  telemetry: TelemetryConfig,
  absolute: (path: string) => string,
): TelemetryConfig {
  const headers = telemetry.headers.map(({ name, value }) => ({
    name,
    value: value.file === undefined ? value : { file: absolute(value.file) },
  }))
  return { ...telemetry, headers }
}

/** Each header has its value in one place, and no secret goes over a network without TLS. */
export function checkTelemetry({ endpoint, headers }: TelemetryConfig): readonly Mistake[] {
  const places = headers.flatMap(({ value }, at) =>
    (value.file === undefined) !== (value.env === undefined)
      ? []
      : [
          {
            path: ['telemetry', 'headers', at, 'value'],
            problem: value.file === undefined ? 'the value has no place' : 'found both "file" and "env"',
            fix: 'write exactly one of the two, for example { file: /run/secrets/traces }',
          },
        ],
  )
  const [, scheme, host] = /^(https?):\/\/(\[[^\]]*\]|[^/:]*)/.exec(endpoint) ?? []
  if (headers.length === 0 || scheme === 'https' || isLoopback((host ?? '').replace(/^\[|\]$/g, '')))
    return places
  return [
    ...places,
    {
      path: ['telemetry', 'endpoint'],
      problem: 'the address is without TLS, so anybody on the way reads the headers',
      fix: 'write https://, or remove "headers"',
    },
  ]
}
