import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { compressSync, uncompressSync } from 'snappy'
import { worldError } from './world-error.ts'

/** Longest record batch after decompression: a batch of a few kilobytes can claim to be gigabytes. */
const MAX_BATCH_BYTES = 256 * 1_048_576

/** Compresses and decompresses the records of one batch. */
export interface BatchCodec {
  readonly compress: (bytes: Buffer) => Buffer
  readonly decompress: (bytes: Buffer) => Buffer
}

/** What Java clients put before the blocks of their own snappy framing (xerial); librdkafka writes one raw block. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER_BYTES = 16

/**
 * The four codecs of Kafka. All are synchronous: a batch takes less than a trip through the thread pool.
 * LZ4 is its frame format, which cannot grow by more than 255 times, so that the size of the message bounds it.
 */
export const BATCH_CODECS = {
  gzip: {
    compress: (bytes) => gzipSync(bytes),
    decompress: (bytes) => gunzipSync(bytes, { maxOutputLength: MAX_BATCH_BYTES }),
  },
  snappy: { compress: (bytes) => compressSync(bytes), decompress: decompressSnappy },
  lz4: { compress: (bytes) => compressFrameSync(bytes), decompress: (bytes) => decompressFrameSync(bytes) },
  zstd: {
    compress: (bytes) => zstdCompressSync(bytes),
    decompress: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: MAX_BATCH_BYTES }),
  },
} as const satisfies Readonly<Record<string, BatchCodec>>

function decompressSnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, XERIAL.length).equals(XERIAL)) return snappyBlock(bytes)
  const blocks: Buffer[] = []
  let length = 0
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    const block = snappyBlock(bytes.subarray(at + 4, end))
    length += block.length
    if (length > MAX_BATCH_BYTES) throw tooLong()
    blocks.push(block)
    at = end
  }
  return Buffer.concat(blocks)
}

/** A block begins with its length after decompression, as a varint; the decoder would believe and allocate it. */
function snappyBlock(bytes: Buffer): Buffer {
  let length = 0
  for (let at = 0; at < 5 && at < bytes.length; at++) {
    length += (bytes[at] & 0x7f) * 2 ** (7 * at)
    if (bytes[at] < 0x80) break
  }
  if (length > MAX_BATCH_BYTES) throw tooLong()
  return uncompressSync(bytes) as Buffer
}

function tooLong(): Error {
  return worldError('kafka-batch-too-large', `a record batch holds more than ${MAX_BATCH_BYTES} bytes`)
}
