import { type Static, Type } from 'typebox'
import { saslOptions } from './kafka-sasl.ts'

const file = (description: string, example: string) =>
  Type.Optional(Type.String({ minLength: 1, expects: 'the path of a file', example, description }))

const tlsOptions = Type.Object(
  {
    caFile: file(
      'PEM file of the authorities that brokers are checked against; those of the system when absent',
      '/etc/meshwatch/kafka-ca.pem',
    ),
    certFile: file('PEM file of our certificate, for brokers that ask for one', '/etc/meshwatch/kafka.pem'),
    keyFile: file('PEM file of the key of our certificate', '/etc/meshwatch/kafka-key.pem'),
    serverName: Type.Optional(
      Type.String({
        minLength: 1,
        example: 'kafka.internal',
        description: 'name that the certificates of the brokers must carry, where it is not their host name',
      }),
    ),
  },
  {
    additionalProperties: false,
    example: '{ caFile: /etc/meshwatch/kafka-ca.pem }',
    description: 'TLS to the brokers; write {} to trust the authorities of the system. No TLS when absent',
  },
)

const partitionCount = (count: number, description: string) =>
  Type.Integer({ default: count, minimum: 1, maximum: 1024, description })

const partitionOptions = Type.Object(
  {
    stream: partitionCount(
      12,
      'partitions of the topic stream: how many analyzers can share the work. Fixed for the life of the topic',
    ),
    findings: partitionCount(
      4,
      'partitions of the topic findings: how many alerters can share the work. Fixed for the life of the topic',
    ),
    intake: partitionCount(4, 'partitions of the topic intake'),
  },
  { default: {}, additionalProperties: false, description: 'partitions of our own topics' },
)

const hours = (count: number, description: string) =>
  Type.Integer({ default: count, minimum: 1, maximum: 87_600, description })

const retentionOptions = Type.Object(
  {
    streamHours: hours(
      168,
      'hours that rows are kept: how long an analyzer may be away, and be rebuilt from',
    ),
    factsHours: hours(168, 'hours that facts are kept; not fewer than streamHours'),
    decisionsHours: hours(8760, 'hours that decisions of people are kept'),
    findingsHours: hours(168, 'hours that findings are kept: how long an alerter may be away'),
    rejectsHours: hours(168, 'hours that refused records are kept'),
    intakeHours: hours(48, 'hours that input over HTTP is kept: how long a collector may be away'),
  },
  {
    default: {},
    additionalProperties: false,
    description: 'how long our own topics keep records; incidents are compacted and kept',
  },
)

/** Connection to Kafka, and what our own topics look like there. */
export const kafkaOptions = Type.Object(
  {
    brokers: Type.Array(
      Type.String({
        pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+):[0-9]{1,5}$',
        expects: 'a host and a port',
        example: 'kafka-1.example.com:9092',
        description: 'host and port',
      }),
      {
        minItems: 1,
        example: '[kafka-1.example.com:9092, kafka-2.example.com:9092]',
        description: 'some of the brokers, each as host:port; the others are learned from them',
      },
    ),
    clientId: Type.String({
      default: 'meshwatch',
      pattern: '^[A-Za-z0-9._-]{1,200}$',
      expects: 'letters, digits, dots, dashes and underscores',
      description: 'name that brokers log and set quotas by',
    }),
    group: Type.String({
      default: 'meshwatch',
      pattern: '^[A-Za-z0-9._-]{1,200}$',
      expects: 'letters, digits, dots, dashes and underscores',
      description:
        'consumer groups are <group>-collector, <group>-analyzer and <group>-alerter, and while an analyzer runs <group>-facts-tail-…; `meshwatch run` without a role is <group>-run-…, another one for each data folder',
    }),
    topicPrefix: Type.String({
      default: 'meshwatch.',
      pattern: '^[A-Za-z0-9._-]{0,200}$',
      expects: 'letters, digits, dots, dashes and underscores',
      description: 'what the names of our own topics begin with: <prefix>stream, <prefix>findings, …',
    }),
    sessionMs: Type.Integer({
      default: 10_000,
      minimum: 1000,
      maximum: 300_000,
      description:
        'a process that is not heard of for so long loses its partitions to the others, in milliseconds; within the group.min.session.timeout.ms and group.max.session.timeout.ms of the brokers',
    }),
    tls: Type.Optional(tlsOptions),
    sasl: Type.Optional(saslOptions),
    partitions: partitionOptions,
    replicationFactor: Type.Integer({
      default: 3,
      minimum: 1,
      maximum: 15,
      description: 'copies of each partition of our own topics; at 3 or more, 2 of them must have a record',
    }),
    retention: retentionOptions,
    maxBatchBytes: Type.Integer({
      default: 4_194_304,
      minimum: 65_536,
      maximum: 67_108_864,
      description: 'max.message.bytes of our own topics: the longest record batch that brokers take',
    }),
  },
  {
    additionalProperties: false,
    example: '{ brokers: [kafka-1.example.com:9092] }',
    description: 'Kafka, for sources that are topics and for roles in processes of their own',
  },
)

export type KafkaConfig = Static<typeof kafkaOptions>
export type TlsConfig = Static<typeof tlsOptions>

/** The configuration with the paths in it changed by `absolute`. */
export function withKafkaPaths(config: KafkaConfig, absolute: (path: string) => string): KafkaConfig {
  const { tls, sasl } = config
  const place = <T extends { file?: string }>(it: T): T =>
    it.file === undefined ? it : { ...it, file: absolute(it.file) }
  const at = <Key extends string>(key: Key, path: string | undefined) =>
    path === undefined ? {} : { [key]: absolute(path) }
  return {
    ...config,
    ...(tls && {
      tls: {
        ...tls,
        ...at('caFile', tls.caFile),
        ...at('certFile', tls.certFile),
        ...at('keyFile', tls.keyFile),
      },
    }),
    ...(sasl && {
      sasl: {
        ...sasl,
        ...(sasl.password && { password: place(sasl.password) }),
        ...(sasl.token && {
          token: {
            ...place(sasl.token),
            ...(sasl.token.clientSecret && { clientSecret: place(sasl.token.clientSecret) }),
          },
        }),
      },
    }),
  }
}
