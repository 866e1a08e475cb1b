import { createRequire } from 'node:module'
import { MAX_BATCH_BYTES } from './kafka-codecs.ts'
import { hasCode } from './world-error.ts'

/** A record as kafkajs gives it. */
interface DecodedRecord {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: object
  readonly isControlRecord: boolean
  readonly batchContext: object
  /** Of the one record that stands for a whole batch that is not taken apart: bytes that its value would have. */
  readonly length?: number
}

interface Decoder {
  offset: number
  readonly buffer: Buffer
  readInt32(): number
  readBytes(length: number): Buffer
  canReadBytes(length: number): boolean
}

interface DecodedBatch {
  readonly records: readonly DecodedRecord[]
}

/** What is taken apart of one answer for one partition, at least one batch: the rest is asked for again. */
const MAX_ANSWER_BYTES = 16 * 1_048_576

/** What a record takes beside its value, roughly. */
const RECORD_BYTES = 100

/** Records of one batch: eight bytes of an empty one become hundreds. */
const MAX_BATCH_RECORDS = 100_000

/**
 * Record batch, version 2 (https://kafka.apache.org/documentation/#recordbatch): offsets of its fields from its
 * beginning. `LENGTH` counts from `HEAD` on.
 */
const HEAD = 12
const LENGTH = 8
const MAGIC = 16
const ATTRIBUTES = 21
const LAST_OFFSET_DELTA = 23
const MAX_TIMESTAMP = 35
const PRODUCER_ID = 43
const COUNT = 57
const RECORDS = 61

const IN_TRANSACTION = 0x10
const IS_CONTROL = 0x20

let isMended = false

/**
 * kafkajs 2.2.4 fails, again and again, at a batch that its codec refuses, and at one of more records than fit on the
 * stack: whoever may write to a topic could keep all its readers from reading on. Such a batch is given as one record,
 * which holds its bytes. The function is replaced before the first answer has loaded it.
 */
export function mendBatchDecoding(): void {
  if (isMended) return
  isMended = true
  const require = createRequire(import.meta.url)
  const protocol = 'kafkajs/src/protocol'
  const decodeMessages = `${protocol}/requests/fetch/v4/decodeMessages.js`
  require(decodeMessages)
  const parts: Parts = {
    Decoder: require(`${protocol}/decoder.js`),
    decodeBatch: require(`${protocol}/recordBatch/v0/decoder.js`),
    decodeMessageSet: require(`${protocol}/messageSet/decoder.js`),
  }
  require.cache[require.resolve(decodeMessages)]!.exports = (decoder: Decoder) => decodeAnswer(parts, decoder)
}

interface Parts {
  readonly Decoder: new (bytes: Buffer) => Decoder
  readonly decodeBatch: (decoder: Decoder) => Promise<DecodedBatch>
  /** Of brokers before Kafka 0.11. */
  readonly decodeMessageSet: (decoder: Decoder, size: number) => Promise<readonly DecodedRecord[]>
}

async function decodeAnswer(parts: Parts, answer: Decoder): Promise<readonly DecodedRecord[]> {
  const size = answer.readInt32()
  if (size <= 0 || !answer.canReadBytes(size)) return []
  const bytes = answer.readBytes(size)
  const decoder = new parts.Decoder(bytes)
  if (bytes[MAGIC] !== 2) return parts.decodeMessageSet(decoder, size)
  const records: DecodedRecord[] = []
  for (let taken = 0; taken < MAX_ANSWER_BYTES && isWhole(bytes, decoder.offset); ) {
    const from = decoder.offset
    const batch = bytes.subarray(from, from + HEAD + bytes.readInt32BE(from + LENGTH))
    const decoded = await decodeOne(parts, batch)
    for (const record of decoded) {
      records.push(record)
      taken += RECORD_BYTES + (record.value?.length ?? 0)
    }
    decoder.offset = from + batch.length
  }
  return records
}

/** An answer may end within a batch. */
function isWhole(bytes: Buffer, from: number): boolean {
  if (from + RECORDS > bytes.length) return false
  const end = from + HEAD + bytes.readInt32BE(from + LENGTH)
  return end >= from + RECORDS && end <= bytes.length
}

async function decodeOne({ Decoder, decodeBatch }: Parts, batch: Buffer): Promise<readonly DecodedRecord[]> {
  if (batch.readInt32BE(COUNT) > MAX_BATCH_RECORDS) return [wholeBatch(batch)]
  try {
    return (await decodeBatch(new Decoder(batch))).records
  } catch (error) {
    if (!hasCode(error, 'kafka-batch-too-large')) throw error
    return [wholeBatch(batch)]
  }
}

/** One record in place of all those of a batch, at the offset of its last: reading goes on behind it. */
function wholeBatch(batch: Buffer): DecodedRecord {
  const attributes = batch.readInt16BE(ATTRIBUTES)
  return {
    offset: String(batch.readBigInt64BE(0) + BigInt(batch.readInt32BE(LAST_OFFSET_DELTA))),
    timestamp: String(batch.readBigInt64BE(MAX_TIMESTAMP)),
    key: null,
    value: batch,
    headers: {},
    isControlRecord: (attributes & IS_CONTROL) !== 0,
    batchContext: {
      producerId: String(batch.readBigInt64BE(PRODUCER_ID)),
      inTransaction: (attributes & IN_TRANSACTION) !== 0,
    },
    length: MAX_BATCH_BYTES + 1,
  }
}
