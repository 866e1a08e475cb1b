import { type Static, Type } from 'typebox'
import { alerterOptions } from './alerter.ts'
import { analyzerOptions, type DetectorOptions } from './analyzer.ts'
import { apiOptions, intakeOptions, metricsOptions } from './listen.ts'
import { sourceOptions } from './sources.ts'

/** What only the registries know: names of log formats, and options of detectors. */
export interface Extensions {
  readonly formats: readonly string[]
  readonly detectors: DetectorOptions
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
      trustDomain: Type.String({
        pattern: '^[a-z0-9._-]{1,255}$',
        expects: 'a SPIFFE trust domain: lower-case letters, digits, dots, dashes',
        default: 'cluster.local',
        description: 'trust domain of identities whose log format names none',
      }),
      sources: Type.Array(sourceOptions(extensions.formats), {
        default: [],
        example: '[{ file: /var/log/envoy/access.log }]',
        description: 'files and standard input to read',
      }),
      maxRecordBytes: Type.Integer({
        default: 1_048_576,
        minimum: 1024,
        maximum: 67_108_864,
        description: 'longest record of any source; a longer one is kept in the rejects as "too-large"',
      }),
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
      alerter: alerterOptions,
      api: apiOptions,
      metrics: metricsOptions,
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

type Options = Static<ReturnType<typeof configSchema>>

/** The configuration with every default filled in. */
export interface Config extends Options {
  readonly sources: (Options['sources'][number] & { readonly name: string })[]
}

export type SourceConfig = Config['sources'][number]
export type EndpointConfig = Config['alerter']['endpoints'][number]
/** Where a secret is found: exactly one of the two is set. */
export type SecretReference = EndpointConfig['secrets'][number]
