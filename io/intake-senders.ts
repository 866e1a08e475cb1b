import type { RawRecord, Source } from '../domain/ports.ts'
import { type IntakeLine, readIntakeLine } from './intake-record.ts'
import type { LogRecord } from './kafka-group.ts'
import type { LogSlice } from './kafka-reading.ts'
import { rawRecord } from './kafka-record.ts'
import type { PartitionSource } from './kafka-source.ts'
import type { RequestPlaces } from './redis-requests.ts'

/** One partition of the intake topic, as a source for each sender. */
export interface IntakeSenders {
  readonly partition: PartitionSource
  /** Those that were expected, and any other that has sent. */
  senders(): readonly Source[]
  /** Reads on, unless much is waiting. */
  fill(): Promise<void>
  /**
   * Offset below which nothing is left to do; undefined while nothing was read.
   * @param handed offset that the records of a sender have been handed over up to
   */
  doneBelow(handed: (sender: Source) => number | undefined): number | undefined
}

export interface IntakeSendersOptions {
  /** Sources that are there from the start. */
  readonly expected: readonly string[]
  readonly isFirst: RequestPlaces['isFirst']
  /** What keeps the partition from being read; undefined when it can be read again. */
  readonly trouble: (error: Error | undefined) => void
}

const CHUNK_RECORDS = 512
/** Records of one sender may wait while those of another are read. */
const MAX_WAITING_BYTES = 8 * 1_048_576
const RETRY_MS = 1000

interface Waiting {
  readonly record: LogRecord
  readonly generation: string
}

interface Sender {
  readonly source: Source
  waiting: Waiting[]
  /** Behind what was given out. */
  given: number
}

interface Splitting {
  readonly partition: PartitionSource
  readonly options: IntakeSendersOptions
  readonly senders: Map<string, Sender>
  bytes: number
  /** Read, and not looked up yet. */
  slice: LogSlice | undefined
  next: number | undefined
  /** Not asked again before, by `performance.now()`. */
  retryAt: number | undefined
}

/** Splits a partition; its own `read` is not to be used then. */
export function intakeSenders(partition: PartitionSource, options: IntakeSendersOptions): IntakeSenders {
  const splitting: Splitting = {
    partition,
    options,
    senders: new Map(),
    bytes: 0,
    slice: undefined,
    next: undefined,
    retryAt: undefined,
  }
  for (const name of options.expected) senderNamed(splitting, name)
  return {
    partition,
    senders: () => [...splitting.senders.values()].map(({ source }) => source),
    fill: () => fill(splitting),
    doneBelow: (handed) => {
      const left = [...splitting.senders.values()].map((sender) => firstLeft(sender, handed))
      return splitting.next === undefined ? undefined : Math.min(splitting.next, ...left)
    },
  }
}

function senderNamed(splitting: Splitting, name: string): Sender {
  const known = splitting.senders.get(name)
  if (known !== undefined) return known
  const { partition } = splitting
  const source: Source = {
    name,
    ended: false,
    get isBehind() {
      if (sender.waiting.length > 0) return true
      return splitting.retryAt === undefined && !isFull(splitting) && partition.isBehind === true
    },
    read: async () => {
      if (sender.waiting.length === 0) await fill(splitting)
      return sender.waiting.length === 0 ? undefined : give(splitting, sender)
    },
    close: async () => {},
  }
  const sender: Sender = { source, waiting: [], given: 0 }
  splitting.senders.set(name, sender)
  return sender
}

const isFull = ({ bytes }: Splitting): boolean => bytes >= MAX_WAITING_BYTES

const bytesOf = ({ record }: Waiting): number => 100 + (record.value?.length ?? 0)

/** Records of one generation, as one chunk. */
function give(splitting: Splitting, sender: Sender) {
  const [{ generation }] = sender.waiting
  const other = sender.waiting.findIndex((it) => it.generation !== generation)
  const given = sender.waiting.splice(0, Math.min(CHUNK_RECORDS, other === -1 ? CHUNK_RECORDS : other))
  for (const it of given) splitting.bytes -= bytesOf(it)
  const records: RawRecord[] = given.map(({ record }) => rawRecord(record))
  const offset = given.at(-1)!.record.offset + 1
  sender.given = offset
  return { records, end: { source: sender.source.name, generation, offset, line: 0 } }
}

/** Infinity when all that the sender has sent is handed over. */
function firstLeft({ source, waiting, given }: Sender, handed: (sender: Source) => number | undefined) {
  const offset = handed(source) ?? 0
  if (offset < given) return offset
  return waiting[0]?.record.offset ?? Number.POSITIVE_INFINITY
}

async function fill(splitting: Splitting): Promise<void> {
  const { partition, options } = splitting
  if (isFull(splitting) || performance.now() < (splitting.retryAt ?? 0)) return
  splitting.slice ??= await partition.readLog()
  if (splitting.slice === undefined) return
  try {
    await takeIn(splitting, splitting.slice)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    splitting.retryAt = performance.now() + RETRY_MS
    return options.trouble(error)
  }
  splitting.slice = undefined
  if (splitting.retryAt !== undefined) options.trouble(undefined)
  splitting.retryAt = undefined
}

async function takeIn(splitting: Splitting, slice: LogSlice): Promise<void> {
  const lines = slice.records.map((record) => ({ record, line: readIntakeLine(record) }))
  const parts = new Map(lines.map((it) => [nameOf(it.line), it]))
  const asked = [...parts].map(async ([name, it]) => [name, await isFirst(splitting, it)] as const)
  const first = new Map(await Promise.all(asked))
  const generation = placed(splitting, slice.generation)
  for (const { record, line } of lines) {
    if (line === undefined || first.get(nameOf(line)) !== true) continue
    const waiting = { record, generation }
    splitting.bytes += bytesOf(waiting)
    senderNamed(splitting, line.source).waiting.push(waiting)
  }
  splitting.next = slice.next
}

const nameOf = (line: IntakeLine | undefined): string => JSON.stringify(line) ?? ''

async function isFirst({ partition, options }: Splitting, it: Taken): Promise<boolean> {
  const { record, line } = it
  return line !== undefined && options.isFirst(line, { partition: partition.name, time: record.time })
}

interface Taken {
  readonly record: LogRecord
  readonly line: IntakeLine | undefined
}

/** A sender's partition changes with their number: its offsets are then those of another generation. */
function placed({ partition }: Splitting, generation: string): string {
  return `${partition.partition}${generation}`
}
