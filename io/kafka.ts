import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import kafkajs, {
  type Admin,
  type Consumer,
  type EachBatchPayload,
  type Kafka,
  type KafkaConfig,
  type Producer,
} from 'kafkajs'
import type { KafkaConfig as Config, TlsConfig } from '../domain/config/kafka.ts'
import { mendBatchDecoding } from './kafka-batch-decoding.ts'
import { BATCH_CODECS, type BatchCodec } from './kafka-codecs.ts'
import { bridgeLog, type Log } from './kafka-log.ts'
import { mendRequestQueue } from './kafka-request-queue.ts'
import { saslOf } from './kafka-sasl.ts'
import { fileError } from './world-error.ts'

// A CommonJS package whose exports Node cannot name.
const { CompressionCodecs, CompressionTypes, logLevel } = kafkajs

/**
 * The one place that knows kafkajs by name. Whoever opens a client gets its codecs and what is mended of it.
 */
export type KafkaClient = Pick<Kafka, 'admin' | 'consumer' | 'producer'>
export type KafkaAdmin = Admin
export type KafkaConsumer = Consumer
export type KafkaProducer = Producer
export type KafkaBatch = EachBatchPayload

/** Compression of what we write: the smallest, and of the stream's records the cheapest to read. */
export const COMPRESSION = CompressionTypes.ZSTD

/** Short steps: with the defaults of kafkajs a consumer is silent for up to 21 s when its coordinator dies. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, multiplier: 1.5, factor: 0.2 }

/**
 * How often each kind of client tries before it says that it failed; one attempt may hold such a round of its own. A
 * consumer must outlast the move of its coordinator; the others are asked again by us, and soon have to say why.
 */
export const PATIENT = { ...RETRY, retries: 20 }
const BRISK = { ...RETRY, retries: 3 }

/** Longest wait for an answer: a broker that hangs holds up a partition for so long. */
export const REQUEST_TIMEOUT_MS = 10_000

export interface KafkaSurroundings {
  readonly log: Log
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/**
 * A client of the brokers; opens no connection yet.
 * @throws WorldError for a certificate, key or secret that cannot be read
 */
export function openKafka(
  config: Config,
  { log, environment = process.env }: KafkaSurroundings,
): KafkaClient {
  mendRequestQueue()
  mendBatchDecoding()
  registerCodecs()
  const bridge = bridgeLog(log)
  const shared: KafkaConfig = {
    clientId: config.clientId,
    brokers: [...config.brokers],
    connectionTimeout: 1000,
    authenticationTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: logLevel.INFO,
    logCreator: () => bridge,
    ...(config.tls && { ssl: tlsOf(config.tls) }),
    ...(config.sasl && { sasl: saslOf(config.sasl, environment) }),
  }
  const patient = new kafkajs.Kafka({ ...shared, retry: PATIENT })
  const brisk = new kafkajs.Kafka({ ...shared, retry: BRISK })
  return {
    admin: (options) => brisk.admin(options),
    consumer: (options) => patient.consumer(options),
    producer: (options) => brisk.producer(options),
  }
}

function tlsOf({ caFile, certFile, keyFile, serverName }: TlsConfig): ConnectionOptions {
  return {
    ...(caFile !== undefined && { ca: readPem(caFile) }),
    ...(certFile !== undefined && { cert: readPem(certFile) }),
    ...(keyFile !== undefined && { key: readPem(keyFile) }),
    ...(serverName !== undefined && { servername: serverName }),
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw fileError(file, cause)
  }
}

/** The map of codecs belongs to the whole process; setting an entry again changes nothing. */
function registerCodecs(): void {
  const adapted = ({ compress, decompress }: BatchCodec) => {
    const codec = {
      compress: async ({ buffer }: { readonly buffer: Buffer }) => compress(buffer),
      decompress: async (bytes: Buffer) => decompress(bytes),
    }
    return () => codec
  }
  CompressionCodecs[CompressionTypes.GZIP] = adapted(BATCH_CODECS.gzip)
  CompressionCodecs[CompressionTypes.Snappy] = adapted(BATCH_CODECS.snappy)
  CompressionCodecs[CompressionTypes.LZ4] = adapted(BATCH_CODECS.lz4)
  CompressionCodecs[CompressionTypes.ZSTD] = adapted(BATCH_CODECS.zstd)
}
