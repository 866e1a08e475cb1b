import { Type } from 'typebox'

const topicOptions = Type.Object(
  {
    topic: Type.String({
      pattern: '^[A-Za-z0-9._-]{1,249}$',
      expects: 'the name of a topic',
      example: 'envoy.access',
      description: 'topic to consume, all of its partitions; each record is one log record',
    }),
    start: Type.Enum(['earliest', 'latest'], {
      default: 'earliest',
      description: 'where a partition that was never read before is begun; otherwise it goes on where it was',
    }),
  },
  {
    additionalProperties: false,
    example: '{ topic: envoy.access }',
    description: 'a Kafka topic; the brokers are configured once, under "kafka"',
    hints: { brokers: 'write it under "kafka" at the top', group: 'write it under "kafka" at the top' },
  },
)

/** One entry of `sources`: a file that is followed, a Kafka topic, or standard input. */
export function sourceOptions(formats: readonly string[]) {
  return Type.Object(
    {
      file: Type.Optional(
        Type.String({
          minLength: 1,
          expects: 'the path of a file',
          example: '/var/log/envoy/access.log',
          description:
            'path of a file to follow through rotation and truncation, relative to the configuration file',
        }),
      ),
      kafka: Type.Optional(topicOptions),
      stdin: Type.Optional(Type.Literal(true, { description: 'true: read standard input' })),
      name: Type.Optional(
        Type.String({
          pattern: '^[^\\p{Cc}]{1,200}$',
          expects: 'a text of 1 to 200 characters without control characters',
          example: 'edge-proxies',
          description:
            'name in findings, metrics and positions; the path, the topic or "stdin" when absent. Renaming a source reads it anew',
        }),
      ),
      format: Type.Enum(['auto', ...formats], {
        default: 'auto',
        description:
          'log format; auto decides by the content of each line, and by its first bytes that a file is a revocation list, which is read whole, and again whenever it has changed',
      }),
      start: Type.Enum(['beginning', 'end'], {
        default: 'beginning',
        description: 'where a file that was never read before is begun; otherwise it goes on where it was',
      }),
    },
    {
      additionalProperties: false,
      example: '{ file: /var/log/envoy/access.log }',
      hints: {
        path: 'write "file" with the path of a file to follow',
        http: 'remove it: input over HTTP is configured once, under "intake"',
        topic: 'write it under "kafka": { kafka: { topic: envoy.access } }',
        type: 'write "file" with a path, "kafka" with a topic, or "stdin: true"',
      },
    },
  )
}
