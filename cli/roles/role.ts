import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Send } from '../../alerter/deliver.ts'
import type { KafkaConfig } from '../../domain/config/kafka.ts'
import type { RedisConfig } from '../../domain/config/redis.ts'
import type { Config } from '../../domain/config/schema.ts'
import type { CheckpointStore, IncidentStore } from '../../domain/ports.ts'
import type { Tracer } from '../../domain/trace.ts'
import { type KafkaClient, openKafka } from '../../io/kafka.ts'
import { type LogProducer, openProducer } from '../../io/kafka-producer.ts'
import { checkTopics, type OwnTopic, type OwnTopicName, ownTopics } from '../../io/kafka-topics.ts'
import { openLog } from '../../io/log.ts'
import type { Redis } from '../../io/redis.ts'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { claimIncidents } from '../../io/redis-incidents.ts'
import { readSecret } from '../../io/secret.ts'
import { sendWebhook } from '../../io/webhook-client.ts'
import { type Meter, openMeter, type Watched } from '../meter.ts'
import { createReadiness, type Readiness } from '../readiness.ts'
import { startTelemetry } from '../tracing.ts'

/** Roles that run as processes of their own, any number of each. */
export const ROLES = ['collector', 'analyzer', 'alerter'] as const
export type RoleName = (typeof ROLES)[number]

export type RoleLog = (level: 'info' | 'warn' | 'error', message: string, fields?: object) => void

/** What every role works with. */
export interface Role {
  readonly name: RoleName
  readonly config: Config & { readonly kafka: KafkaConfig; readonly redis: RedisConfig }
  /** Names this process in what it publishes. */
  readonly instance: string
  readonly topics: Readonly<Record<OwnTopicName, OwnTopic>>
  readonly client: KafkaClient
  readonly producer: LogProducer
  readonly ports: RolePorts
  readonly bearerKey: Uint8Array
  readonly readiness: Readiness
  /** What the metrics of the role are read from. */
  readonly watched: { -readonly [Key in keyof Watched]: Watched[Key] }
  readonly meter: Meter
  readonly tracer: Tracer
  readonly log: RoleLog
  /** Ends the work in order. */
  readonly stop: AbortSignal
  /** Wall clock, epoch ms. */
  readonly clock: () => number
  close(): Promise<void>
}

/** Where state is kept, and how others are told. */
export interface RolePorts {
  checkpoints(redis: Redis): CheckpointStore
  claimIncidents(redis: Redis, partition: number): Promise<IncidentStore>
  readonly send: Send
}

const NEEDED: Readonly<Record<RoleName, readonly OwnTopicName[]>> = {
  collector: ['stream', 'decisions', 'rejects', 'intake'],
  analyzer: ['stream', 'facts', 'findings', 'rejects'],
  alerter: ['findings', 'decisions', 'incidents'],
}

const CHECK_AGAIN_MS = 5000

/**
 * Opens what a role needs, and waits for nothing.
 * @throws Error when the configuration lacks what roles need
 */
export async function openRole(name: RoleName, config: Config, stop: AbortSignal): Promise<Role> {
  const complete = completeConfig(config)
  const logger = openLog(config.log.level)
  const log: RoleLog = (level, message, fields = {}) => logger[level]({ role: name, ...fields }, message)
  const { tracer, close } = await startTelemetry(config, log)
  const client = openKafka(complete.kafka, { log: logger })
  const readiness = createReadiness(() => performance.now())
  const producer = openProducer(client, {
    trouble: (trouble) => {
      if (trouble === undefined) readiness.clear('kafka-unwritable')
      else readiness.set('kafka-unwritable', trouble.error.message)
    },
  })
  const watched = { feeds: [], clock: { watermark: 0, setBack: 0 }, engines: [] }
  return {
    name,
    config: complete,
    instance: `${hostname()}-${process.pid}-${Date.now().toString(36)}`,
    topics: ownTopics(complete.kafka),
    client,
    producer,
    ports: { checkpoints: redisCheckpoints, claimIncidents, send: sendWebhook },
    bearerKey: Buffer.from(readSecret(complete.bearerKey)),
    readiness,
    watched,
    meter: openMeter({ config, parts: [name], watched, readiness, tracer }),
    tracer,
    log,
    stop,
    clock: Date.now,
    close: async () => {
      await producer.close()
      await close()
    },
  }
}

function completeConfig(config: Config) {
  const { kafka, redis, bearerKey } = config
  if (kafka === undefined)
    throw new Error('a role needs Kafka: add kafka: { brokers: [kafka-1.example.com:9092] }')
  if (redis === undefined)
    throw new Error('a role needs Redis: add redis: { address: "redis.example.com:6379" }')
  if (bearerKey === undefined)
    throw new Error(
      'a role needs the key that hashes bearer secrets, the same in every process: add bearerKey: { file: /etc/meshwatch/bearer.key }',
    )
  return { ...config, kafka, redis, bearerKey }
}

/**
 * Waits for the brokers as long as it takes or until told to stop, and says so.
 * @throws Error when a topic is not as the configuration says: work on it would be wrong
 */
export async function waitForTopics({ name, client, config, log, readiness, stop }: Role): Promise<void> {
  for (let said = ''; ; ) {
    try {
      const problems = await checkTopics(client, config.kafka, NEEDED[name])
      readiness.clear('kafka-unreachable')
      if (problems.length === 0) return
      throw new TopicsError(problems.map((it) => `${it.topic}: ${it.problem}; ${it.fix}`).join('\n'))
    } catch (error) {
      if (stop.aborted) return
      if (error instanceof TopicsError) throw error
      const detail = error instanceof Error ? error.message : String(error)
      readiness.set('kafka-unreachable', detail)
      if (detail !== said) log('error', 'Kafka cannot be asked', { error: detail })
      said = detail
      await pause(CHECK_AGAIN_MS, stop)
    }
  }
}

class TopicsError extends Error {
  readonly code = 'topics'
}

/** Waits, shorter when stopped. */
export async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => {})
}

/** Resolves when the role is told to stop. */
export function stopped(stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (stop.aborted) resolve()
  stop.addEventListener('abort', () => resolve(), { once: true })
  return promise
}

/** Says in the readiness what keeps a consumer from working. */
export function troubleOf({ readiness, log }: Role, about: string): (error: Error | undefined) => void {
  let said: string | undefined
  return (error) => {
    if (error === undefined) readiness.clear('kafka-unreachable', about)
    else readiness.set('kafka-unreachable', error.message, about)
    if (error?.message === said) return
    said = error?.message
    if (error === undefined) log('info', 'Kafka can be read again', { about })
    else log('error', 'Kafka cannot be read', { about, error: error.message })
  }
}
