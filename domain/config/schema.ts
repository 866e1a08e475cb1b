import { type Static, Type } from 'typebox'
import { alerterOptions, type ChannelOptions, secretReference } from './alerter.ts'
import { analyzerOptions, type DetectorOptions } from './analyzer.ts'
import type { EndpointConfig } from './endpoint.ts'
import { kafkaOptions } from './kafka.ts'
import { apiOptions, intakeOptions, metricsOptions } from './listen.ts'
import { redisOptions } from './redis.ts'
import { sourceOptions } from './sources.ts'
import { telemetryOptions } from './telemetry.ts'

/** What only the registries know: names of log formats, options of detectors and of channels. */
export interface Extensions {
  readonly formats: readonly string[]
  readonly detectors: DetectorOptions
  readonly channels: ChannelOptions
}

/** Schema of `meshwatch.yaml` for every role: the reader, its messages and the reference are made from it. */
export function configSchema(extensions: Extensions) {
  return Type.Object(
    {
      dataDir: Type.String({
        minLength: 1,
        default: './meshwatch-data',
        description:
          'folder of the embedded store and of the key that hashes bearer secrets, relative to the configuration file',
      }),
      bearerKey: Type.Optional({
        ...secretReference,
        example: '{ file: /etc/meshwatch/bearer.key }',
        description:
          'where the key is found that hashes bearer secrets, for roles in processes of their own: the same in each of them. The embedded mode makes its own',
      }),
      trustDomain: Type.String({
        pattern: '^[a-z0-9._-]{1,255}$',
        expects: 'a SPIFFE trust domain: lower-case letters, digits, dots, dashes',
        default: 'cluster.local',
        description: 'trust domain of identities whose log format names none',
      }),
      sources: Type.Array(sourceOptions(extensions.formats), {
        default: [],
        example: '[{ file: /var/log/envoy/access.log }]',
        description: 'files, Kafka topics and standard input to read',
      }),
      maxRecordBytes: Type.Integer({
        default: 1_048_576,
        minimum: 1024,
        maximum: 67_108_864,
        description: 'longest record of any source; a longer one is kept in the rejects as "too-large"',
      }),
      kafka: Type.Optional(kafkaOptions),
      intake: intakeOptions,
      stream: Type.Object(
        {
          partitions: Type.Integer({
            default: 1,
            minimum: 1,
            maximum: 256,
            description: 'analyzer partitions; fixed for the life of a data folder',
          }),
        },
        {
          default: {},
          additionalProperties: false,
          description: 'the stream between collector and analyzer',
        },
      ),
      analyzer: analyzerOptions(extensions.detectors),
      alerter: alerterOptions(extensions.channels),
      redis: Type.Optional(redisOptions),
      api: apiOptions,
      metrics: metricsOptions,
      telemetry: telemetryOptions,
      log: Type.Object(
        {
          level: Type.Enum(['debug', 'info', 'warn', 'error'], {
            default: 'info',
            description: 'least important log line that is written',
          }),
        },
        { default: {}, additionalProperties: false, description: 'the log of Meshwatch itself' },
      ),
    },
    { additionalProperties: false },
  )
}

/** The configuration as it is written, with defaults filled in. */
export type WrittenConfig = Static<ReturnType<typeof configSchema>>

type WrittenSource = WrittenConfig['sources'][number]
export type SourceConfig = WrittenSource & { readonly name: string }

/** Options of the alerter without its endpoints. */
export type AlerterConfig = Omit<WrittenConfig['alerter'], 'endpoints'>

/** Event time without a finding after which an incident resolves by itself: of statistical findings, of certain ones. */
export function quietMsOf({ quietMinutes, certainQuietHours }: AlerterConfig) {
  return { statistical: quietMinutes * 60_000, certain: certainQuietHours * 3_600_000 }
}

/** The configuration as the program reads it: every source has its name, every endpoint its channel. */
export interface Config extends Omit<WrittenConfig, 'sources' | 'alerter'> {
  readonly sources: readonly SourceConfig[]
  readonly alerter: AlerterConfig & { readonly endpoints: readonly EndpointConfig[] }
}
