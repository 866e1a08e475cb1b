import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { compressSync, uncompressSync } from 'snappy'
import { hasCode, worldError } from './world-error.ts'

/** Longest record batch after decompression: a batch of a few kilobytes can claim to be gigabytes. */
export const MAX_BATCH_BYTES = 64 * 1_048_576

/** Compresses and decompresses the records of one batch. */
export interface BatchCodec {
  readonly compress: (bytes: Buffer) => Buffer
  /** @throws WorldError `kafka-batch-too-large` */
  readonly decompress: (bytes: Buffer) => Buffer
}

/** What Java clients put before the blocks of their own snappy framing (xerial); librdkafka writes one raw block. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER_BYTES = 16

/** The four codecs of Kafka. All are synchronous: a batch takes less than a trip through the thread pool. */
export const BATCH_CODECS = {
  gzip: {
    compress: (bytes) => gzipSync(bytes),
    decompress: (bytes) => bounded(() => gunzipSync(bytes, { maxOutputLength: MAX_BATCH_BYTES })),
  },
  snappy: { compress: (bytes) => compressSync(bytes), decompress: decompressSnappy },
  lz4: { compress: (bytes) => compressFrameSync(bytes), decompress: decompressLz4 },
  zstd: {
    compress: (bytes) => zstdCompressSync(bytes),
    decompress: (bytes) => bounded(() => zstdDecompressSync(bytes, { maxOutputLength: MAX_BATCH_BYTES })),
  },
} as const satisfies Readonly<Record<string, BatchCodec>>

function bounded(decompress: () => Buffer): Buffer {
  try {
    return decompress()
  } catch (error) {
    throw hasCode(error, 'ERR_BUFFER_TOO_LARGE') ? tooLong() : error
  }
}

/** LZ4 frame (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md): its flags, and what a block may grow by. */
const LZ4_FLAGS = 4
const LZ4_HAS_SIZE = 0x08
const LZ4_HAS_DICTIONARY = 0x01
const LZ4_HAS_BLOCK_SUM = 0x10
const LZ4_GROWTH = 255

/** Blocks say how long they are, and grow to no more than their frame allows. */
function decompressLz4(bytes: Buffer): Buffer {
  if (lz4Bound(bytes) > MAX_BATCH_BYTES) throw tooLong()
  return decompressFrameSync(bytes)
}

function lz4Bound(bytes: Buffer): number {
  const flags = bytes[LZ4_FLAGS] ?? 0
  const longest = 2 ** (8 + 2 * (((bytes[LZ4_FLAGS + 1] ?? 0) >> 4) & 7))
  const sumBytes = flags & LZ4_HAS_BLOCK_SUM ? 4 : 0
  let at = LZ4_FLAGS + 3 + (flags & LZ4_HAS_SIZE ? 8 : 0) + (flags & LZ4_HAS_DICTIONARY ? 4 : 0)
  let bound = 0
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt32LE(at) & 0x7fffffff
    if (length === 0) break
    bound += Math.min(longest, length * LZ4_GROWTH)
    at += 4 + length + sumBytes
  }
  return bound
}

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
