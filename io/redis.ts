import { setTimeout as sleep } from 'node:timers/promises'
import { Redis as Client, Cluster, type SentinelConnectionOptions, SentinelConnector } from 'ioredis'
import type { RedisConfig } from '../domain/config/redis.ts'
import { connectionFailure, redisFailure } from './redis-failure.ts'
import { connectionOptions, hostAndPort, reconnectWaitMs, sentinelOptions } from './redis-options.ts'

/** A Lua script; its name is unique in the program. */
export interface RedisScript {
  readonly name: string
  readonly lua: string
}

export type RedisValue = string | number | Uint8Array

const RESEND_WAIT_MS = 5

/** What one call to a script is about: every key that it touches, and its values. */
export interface ScriptCall {
  readonly keys: readonly string[]
  readonly values: readonly RedisValue[]
}

export interface RedisSetup {
  readonly config: RedisConfig
  /** One line for each change of the connection. */
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields?: object) => void
  readonly environment?: NodeJS.ProcessEnv
}

/**
 * A connection that is kept up: it is opened again for ever, and a command waits for it no longer than the configured
 * time. What was sent and not answered is sent again after a new connection, so every script must take being run twice.
 * Commands reject with the WorldErrors of {@link redisFailure}.
 */
export class Redis {
  readonly namespace: string
  /** Where it is, in words. */
  readonly place: string
  readonly #client: Client | Cluster
  readonly #log: RedisSetup['log']
  readonly #timeoutMs: number
  readonly #scripts = new Set<string>()
  #ready = Promise.withResolvers<void>()
  #wasReady = false
  #trouble: Error | undefined
  /** Of the connection to a Sentinel that failed last. */
  #sentinelTrouble: Error | undefined
  #isClosed = false

  /** Begins to connect, and does not wait for it. @throws WorldError when a secret or the CA file cannot be read */
  constructor({ config, log, environment }: RedisSetup) {
    this.namespace = config.namespace
    this.place = placeOf(config)
    this.#log = log
    this.#timeoutMs = config.commandTimeoutMs
    this.#client = clientOf(config, environment, (trouble) => {
      this.#sentinelTrouble = trouble
    })
    this.#client.on('ready', () => this.#onReady())
    this.#client.on('close', () => this.#onClose())
    this.#client.on('end', () => this.#onEnd())
    this.#client.on('error', (error: Error) => this.#onError(error))
  }

  get isReady(): boolean {
    return this.#client.status === 'ready'
  }

  /** One command, with texts in the answer. The first argument is a key. */
  async command(name: string, ...args: RedisValue[]): Promise<unknown> {
    return this.#send(() => this.#client.call(name, args.map(sendable)))
  }

  /** One command, with Buffers in the answer. */
  async commandForBytes(name: string, ...args: RedisValue[]): Promise<unknown> {
    return this.#send(() => this.#client.callBuffer(name, args.map(sendable)))
  }

  /** Runs a script, which Redis runs wholly or not at all. All its keys must share one hash tag. */
  async run({ name, lua }: RedisScript, { keys, values }: ScriptCall): Promise<unknown> {
    if (!this.#scripts.has(name)) this.#client.defineCommand(name, { lua })
    this.#scripts.add(name)
    const script = (this.#client as unknown as Readonly<Record<string, Scripted>>)[name]
    return this.#send(() => script.call(this.#client, keys.length, ...keys, ...values.map(sendable)))
  }

  /** The same command at every master, with what each answered. */
  async atEachMaster(name: string, ...args: string[]): Promise<readonly { node: string; answer: unknown }[]> {
    return this.#send(() => {
      const nodes = this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client]
      const ask = async (node: Client) => ({ node: nameOf(node), answer: await node.call(name, args) })
      return Promise.all(nodes.map(ask))
    })
  }

  close(): void {
    this.#isClosed = true
    this.#client.disconnect()
  }

  async #send<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    const deadline = performance.now() + this.#timeoutMs
    while (true) {
      try {
        if (!this.isReady) await this.#waitForReady(deadline)
        const answer = await send()
        this.#onAnswer()
        return answer
      } catch (cause) {
        if (!wasNotSent(cause) || performance.now() > deadline) throw redisFailure(cause, this.place)
        await sleep(RESEND_WAIT_MS)
      }
    }
  }

  async #waitForReady(deadline: number): Promise<void> {
    const over = new AbortController()
    const late = sleep(deadline - performance.now(), 'late', { signal: over.signal })
    const outcome = await Promise.race([this.#ready.promise, late])
    over.abort()
    if (outcome === 'late') throw this.#trouble ?? new Error(`no connection within ${this.#timeoutMs} ms`)
  }

  #onReady(): void {
    this.#wasReady = true
    this.#onAnswer()
    this.#ready.resolve()
  }

  #onAnswer(): void {
    if (this.#trouble !== undefined) this.#log('info', 'redis answers again', { redis: this.place })
    this.#trouble = undefined
  }

  #onClose(): void {
    if (this.#wasReady) this.#ready = Promise.withResolvers()
    this.#wasReady = false
  }

  /**
   * The library gives up for good when Sentinels tell of another master while it looks for one. Whoever waits for this
   * connection needs it.
   */
  #onEnd(): void {
    setTimeout(() => {
      if (!this.#isClosed) this.#client.connect().catch(() => {})
    }, reconnectWaitMs(1))
  }

  #onError(failed: Error): void {
    const error = connectionFailure(failed, this.#sentinelTrouble)
    if (this.#trouble === undefined)
      this.#log('error', 'redis does not answer', { redis: this.place, error: error.message })
    this.#trouble = error
  }
}

type Scripted = (count: number, ...words: readonly (string | number | Buffer)[]) => Promise<unknown>

function clientOf(
  config: RedisConfig,
  environment: NodeJS.ProcessEnv | undefined,
  onSentinelTrouble: (trouble: Error) => void,
): Client | Cluster {
  const common = connectionOptions(config, environment)
  if (config.cluster !== undefined)
    return new Cluster(config.cluster.map(hostAndPort), {
      redisOptions: common,
      enableOfflineQueue: false,
      clusterRetryStrategy: reconnectWaitMs,
      slotsRefreshTimeout: config.commandTimeoutMs,
      // A certificate is of a name: a look-up would leave only an address to compare it with.
      ...(config.tls && { dnsLookup: (host, answer) => answer(null, host) }),
    })
  const place = sentinelOptions(config, environment) ?? hostAndPort(config.address ?? '')
  const connector = config.sentinel && { Connector: sentinelsOf(onSentinelTrouble) }
  return new Client({
    ...common,
    ...place,
    ...connector,
    enableOfflineQueue: false,
    retryStrategy: reconnectWaitMs,
  })
}

/** Connections to Sentinels whose failures are heard: the library writes them to standard error, again and again. */
function sentinelsOf(onTrouble: (trouble: Error) => void) {
  return class extends SentinelConnector {
    constructor(options: unknown) {
      super(options as SentinelConnectionOptions)
      // Private by its types only; nothing else sees a connection before it fails.
      const { connectToSentinel } = this as unknown as { connectToSentinel(...words: unknown[]): Client }
      Object.assign(this, {
        connectToSentinel: (...words: unknown[]) =>
          connectToSentinel.apply(this, words).on('error', onTrouble),
      })
    }
  }
}

/** True when the connection broke between our look at it and the command. */
function wasNotSent(cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes('enableOfflineQueue')
}

function placeOf({ address, sentinel, cluster }: RedisConfig): string {
  if (sentinel !== undefined) return `${sentinel.name} of ${sentinel.addresses.join(', ')}`
  return address ?? (cluster ?? []).join(', ')
}

function nameOf({ options }: Client): string {
  return `${options.host}:${options.port}`
}

function sendable(value: RedisValue): string | number | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : value
}
