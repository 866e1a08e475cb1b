import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaClient } from './kafka.ts'
import { isTooLarge, kafkaError, needsNewProducer } from './kafka-failure.ts'
import { disconnect, newLink, type ProducerLink, retire, sendOnce } from './kafka-producer-link.ts'
import { worldError } from './world-error.ts'

export interface OutgoingRecord {
  readonly key?: string
  readonly value: Uint8Array | null
  /** Trace context, mostly. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What keeps records of one partition from the log. */
export interface AppendTrouble {
  readonly topic: string
  readonly partition: number
  readonly error: Error
}

export interface ProducerOptions {
  /** Called after each failed attempt, and with undefined when all that failed is in the log. */
  readonly trouble?: (trouble: AppendTrouble | undefined) => void
  /** Longest wait between two attempts, in ms. */
  readonly maxBackOffMs?: number
}

export interface LogProducer {
  /**
   * Appends records to one partition, all or none, and in the order of the calls: at most one request of a partition
   * is under way. An outcome that is not known is retried with the same bytes until the records are in the log: they
   * may then be there twice, never not at all.
   * @returns offset of the first record
   * @throws WorldError `kafka-stopped` when closed before, `kafka-record-too-large` when the brokers refuse the size
   */
  append(topic: string, partition: number, records: readonly OutgoingRecord[]): Promise<number>
  /** Gives up what is not in the log yet; wait for the appends first to lose nothing. */
  close(): Promise<void>
}

interface Producing {
  readonly client: KafkaClient
  readonly options: ProducerOptions
  readonly stopped: AbortController
  /** The last append of each partition: the next waits for it. */
  readonly tails: Map<string, Promise<unknown>>
  readonly failing: Set<string>
  link: ProducerLink
}

/** Opens no connection before the first append. */
export function openProducer(client: KafkaClient, options: ProducerOptions = {}): LogProducer {
  const producing: Producing = {
    client,
    options,
    stopped: new AbortController(),
    tails: new Map(),
    failing: new Set(),
    link: newLink(client),
  }
  return {
    append: (topic, partition, records) => inTurn(producing, { topic, partition, records }),
    close: async () => {
      producing.stopped.abort()
      await disconnect(producing.link)
    },
  }
}

interface Appending {
  readonly topic: string
  readonly partition: number
  readonly records: readonly OutgoingRecord[]
}

function inTurn(producing: Producing, appending: Appending): Promise<number> {
  const name = `${appending.topic}/${appending.partition}`
  const before = producing.tails.get(name)
  const work = () => untilInLog(producing, appending, name)
  const result = before === undefined ? work() : before.then(work, work)
  producing.tails.set(name, result)
  const forget = () => {
    if (producing.tails.get(name) === result) producing.tails.delete(name)
  }
  result.then(forget, forget)
  return result
}

async function untilInLog(producing: Producing, appending: Appending, name: string): Promise<number> {
  const { topic, partition, records } = appending
  // One timestamp for all attempts: a repeat is the same bytes.
  const timestamp = String(Date.now())
  const messages = records.map(({ key, value, headers }) => ({
    partition,
    timestamp,
    value: value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    ...(key !== undefined && { key }),
    ...(headers && { headers }),
  }))
  for (let backOffMs = 100; ; ) {
    if (producing.stopped.signal.aborted) throw stoppedError(name)
    const { link } = producing
    try {
      const offset = await sendOnce(link, { topic, partition, messages })
      recovered(producing, name)
      return offset
    } catch (error) {
      if (isTooLarge(error)) throw kafkaError('kafka-record-too-large', `${name} refuses the records`, error)
      if (producing.stopped.signal.aborted) throw stoppedError(name, error)
      if (needsNewProducer(error)) replace(producing, link)
      producing.failing.add(name)
      producing.options.trouble?.({
        topic,
        partition,
        error: kafkaError('kafka-append', `cannot append to ${name}`, error),
      })
      await sleep(backOffMs, undefined, { signal: producing.stopped.signal }).catch(() => {})
      backOffMs = Math.min(backOffMs * 2, producing.options.maxBackOffMs ?? 5000)
    }
  }
}

function recovered({ failing, options }: Producing, name: string): void {
  if (failing.delete(name) && failing.size === 0) options.trouble?.(undefined)
}

const stoppedError = (name: string, cause?: unknown): Error =>
  worldError('kafka-stopped', `stopped before the records were in ${name}`, cause)

function replace(producing: Producing, link: ProducerLink): void {
  if (producing.link !== link) return
  retire(link)
  producing.link = newLink(producing.client)
}
