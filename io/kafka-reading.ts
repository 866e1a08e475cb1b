import type { Position } from '../domain/coordinate.ts'
import { generationNumber, generationOf } from '../domain/generation.ts'
import type { SourceChunk } from '../domain/ports.ts'
import type { GroupConsumer } from './kafka-consumer.ts'
import type { LogChange, LogPlace, LogRecord, PartitionBegin, TakenBatch } from './kafka-group.ts'
import { markText, nextGeneration, type PartitionMark, parseMark } from './kafka-mark.ts'
import { arrival, dequeue, enqueue, type RecordQueue, recordQueue, room } from './kafka-queue.ts'
import { cutRecord, rawRecord } from './kafka-record.ts'

/** Bytes of one chunk: enough to be worth a call, few enough to be young garbage. */
const CHUNK_BYTES = 131_072

/** A reader that is a moment late holds up the next request; one that is later holds up its own partition only. */
const PATIENCE_MS = 200

/** What does not come for so long, though it is there, is not waited for: its broker may be away. */
const LONGEST_WAIT_MS = 30_000
const WAIT_MS = 100

/** Ends of chunks that are remembered; who settles later than that stores no time beside the offset. */
const MAX_MARKS = 4096

/** How far one partition is fetched, read and settled, while it is ours. */
export interface Reading {
  readonly consumer: GroupConsumer
  readonly topic: string
  readonly partition: number
  /** Name of the source. */
  readonly name: string
  readonly maxRecordBytes: number
  readonly maxQueuedBytes: number
  queue: RecordQueue
  /** Behind what is queued. */
  fetched: LogPlace
  /** End of the partition, as last heard. */
  end: number
  /** When something came last, by `performance.now()`. */
  cameAt: number
  /** Number of the generation of what is queued. */
  generation: number
  /** Ends of chunks that were read and not settled, in order. */
  marks: PartitionMark[]
  /** Offset that was settled last. */
  settled: number
  isHeld: boolean
  isLost: boolean
}

type Begun = Pick<Reading, 'consumer' | 'name' | 'maxRecordBytes' | 'maxQueuedBytes'>

interface BeginFrom {
  /** Where the reader itself left off. */
  readonly resume: Position | undefined
  readonly start: 'earliest' | 'latest'
}

/**
 * Begins where the reader itself left off, else where the group did, else at the end that `start` names. What it settles
 * in the last case must be stored before a record is read: the next start would choose another generation, and another
 * end.
 */
export function beginReading(log: PartitionBegin, { start, resume }: BeginFrom, begun: Begun): Reading {
  const { topic, partition, first, end, committed } = log
  const known = knownMark(committed && parseMark(committed), resume)
  const offset = committed?.offset ?? (start === 'earliest' ? first : end)
  const { generation, ...fetched } = known ?? { offset, generation: nextGeneration(0, Date.now()) }
  const changing = {
    queue: recordQueue(),
    fetched,
    end,
    cameAt: performance.now(),
    generation,
    marks: [],
    settled: fetched.offset,
    isHeld: false,
    isLost: false,
  }
  const reading: Reading = { ...begun, topic, partition, ...changing }
  if (known === undefined) settleReading(reading, offset)
  return reading
}

/** Of the reader's own place the group's mark may tell more, when it is of the same place. */
function knownMark(mark: PartitionMark | undefined, resume: Position | undefined): PartitionMark | undefined {
  const generation = resume === undefined ? 0 : generationNumber(resume.generation)
  // A source of which nothing was read has a position without a generation.
  if (resume === undefined || generation === 0) return mark
  const isSame = mark?.offset === resume.offset && mark.generation === generation
  return isSame ? mark : { offset: resume.offset, generation }
}

/** Takes in what was fetched. Returns when there is room for more, or the partition is not fetched until there is. */
export async function keepBatch(reading: Reading, batch: TakenBatch): Promise<void> {
  const { queue, maxQueuedBytes, maxRecordBytes } = reading
  enqueue(queue, { ...batch, records: batch.records.map((record) => cutRecord(record, maxRecordBytes)) })
  reading.fetched = { offset: batch.next, timeBefore: batch.records.at(-1)!.time }
  reading.end = batch.end
  reading.cameAt = performance.now()
  if (await room(queue, maxQueuedBytes, PATIENCE_MS)) return
  if (reading.isLost || reading.queue !== queue) return
  reading.isHeld = true
  reading.consumer.hold(reading.topic, reading.partition)
}

/**
 * True when the partition is known to hold more than came, and that has not been coming for long. Of one that was taken
 * away nothing more is known: to call it drained would let the others go past what its next reader brings.
 */
export function isBehind({ isLost, queue, fetched, end, cameAt }: Reading): boolean {
  if (isLost) return true
  return queue.batches.length > 0 || (fetched.offset < end && performance.now() - cameAt < LONGEST_WAIT_MS)
}

/** Some records of one partition in order, with what is said of it beside each. */
export interface LogSlice {
  readonly records: readonly LogRecord[]
  /** Where the next slice begins. */
  readonly next: number
  readonly generation: string
}

/** The next records, or undefined when there are none now; waits a moment for some that are known to come. */
export async function readSlice(reading: Reading): Promise<LogSlice | undefined> {
  if (!reading.isLost && isBehind(reading)) await arrival(reading.queue, WAIT_MS)
  if (reading.isLost) return undefined
  const slice = dequeue(reading.queue, CHUNK_BYTES)
  releaseWhenEmptier(reading)
  if (slice === undefined) return undefined
  const { generation } = reading
  if (reading.marks.length >= MAX_MARKS) reading.marks.shift()
  reading.marks.push({ offset: slice.next, generation, timeBefore: slice.records.at(-1)!.time })
  return { ...slice, generation: generationOf('', generation) }
}

/** The next chunk, as `readSlice` gives it. */
export async function readChunk(reading: Reading): Promise<SourceChunk | undefined> {
  const slice = await readSlice(reading)
  if (slice === undefined) return undefined
  const records = slice.records.map(rawRecord)
  const { generation, next: offset } = slice
  return { records, end: { source: reading.name, generation, offset, line: 0 } }
}

function releaseWhenEmptier(reading: Reading): void {
  if (!reading.isHeld || reading.queue.bytes > reading.maxQueuedBytes / 2) return
  reading.isHeld = false
  reading.consumer.release(reading.topic, reading.partition)
}

/** All below the offset, which is the end of a chunk or inside one, need not be read again. */
export function settleReading(reading: Reading, offset: number): void {
  if (reading.isLost) return
  reading.settled = offset
  const { consumer, topic, partition, generation } = reading
  reading.marks = reading.marks.slice(
    Math.max(
      0,
      reading.marks.findIndex((mark) => mark.offset >= offset),
    ),
  )
  const mark = reading.marks.find((it) => it.offset === offset) ?? { offset, generation }
  consumer.settle({ topic, partition, offset, metadata: markText(mark) })
}

/** Goes on elsewhere: behind records that are gone, or in a topic that only has the name of the old one. */
export function changeReading(reading: Reading, { kind, next }: LogChange): void {
  reading.fetched = { offset: next }
  if (kind === 'remade') {
    reading.queue = recordQueue()
    reading.marks = []
    reading.generation = nextGeneration(reading.generation, Date.now())
  }
  // Kafka's own stored offset is of no use now: kafkajs may have replaced it by "the beginning".
  settleReading(reading, kind === 'remade' ? next : reading.settled)
  void reading.consumer.flush()
}
