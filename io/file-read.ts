import { createHash } from 'node:crypto'
import { generationOf } from '../domain/generation.ts'
import type { RawRecord, Source, SourceChunk } from '../domain/ports.ts'
import { type ByteInput, openBytes } from './byte-input.ts'
import { CHUNK_BYTES, cutLines, endLines, type LineFrame, lineFrame, MAX_WHOLE_BYTES } from './frame.ts'
import { hasCode } from './world-error.ts'

/** What decides on framing and generation: so many first bytes, or all of a shorter file. */
const HEAD_BYTES = 4096

export interface FileReadOptions {
  /** Decides by the first (decompressed) bytes, 4 KiB or more, fewer only in a shorter file. */
  readonly framingOf: (head: Uint8Array) => 'line' | 'whole'
  readonly maxRecordBytes?: number
  readonly maxWholeBytes?: number
}

/**
 * A file from its beginning to its end, for replay: plain, gzip or zstd; `-` is standard input. Offsets are of the
 * decompressed bytes, and the generation depends on the content only. Its `read` waits for bytes; undefined is the
 * end. Compressed input that cannot be decoded to its end closes with a `failure`.
 * @throws the errors of {@link openBytes}
 */
export async function openFile(path: string, options: FileReadOptions): Promise<Source> {
  const input = await openBytes(path)
  const chunks = readChunks(path, input, options)
  let ended = false
  return {
    name: path,
    get ended() {
      return ended
    },
    read: async () => {
      const { value, done } = await chunks.next()
      ended = done === true
      return value ?? undefined
    },
    close: async () => {
      ended = true
      await input.close()
    },
  }
}

interface Reading {
  readonly source: string
  readonly generation: string
  readonly frame: LineFrame
  readonly bytes: Decoded
}

/** The bytes as far as they can be decoded. */
interface Decoded {
  next(): Promise<Uint8Array | undefined>
  isBroken: boolean
}

async function* readChunks(source: string, input: ByteInput, options: FileReadOptions) {
  const bytes = decoded(input)
  const first = await gather(bytes, HEAD_BYTES)
  const hash = createHash('sha256').update(first.subarray(0, HEAD_BYTES)).digest('hex')
  const frame = lineFrame({ offset: 0, line: 0 }, options.maxRecordBytes)
  const reading: Reading = { source, generation: generationOf(hash.slice(0, 16), 1), frame, bytes }
  if (options.framingOf(first) === 'line') yield* lines(reading, first)
  else yield await whole(reading, first, options.maxWholeBytes ?? MAX_WHOLE_BYTES)
}

function decoded(input: ByteInput): Decoded {
  const bytes: Decoded = {
    isBroken: false,
    next: async () => {
      try {
        return await input.next()
      } catch (error) {
        if (!hasCode(error, 'undecodable')) throw error
        bytes.isBroken = true
        return undefined
      }
    },
  }
  return bytes
}

/** So many bytes or a few more, fewer at the end. */
async function gather(bytes: Decoded, count: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let length = 0; length < count && !bytes.isBroken; ) {
    const chunk = await bytes.next()
    if (chunk === undefined) break
    parts.push(chunk)
    length += chunk.length
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts)
}

async function* lines(reading: Reading, first: Uint8Array): AsyncGenerator<SourceChunk> {
  const { bytes, frame } = reading
  for (let chunk: Uint8Array | undefined = first; chunk !== undefined; ) {
    yield chunkOf(reading, cutLines(frame, chunk))
    chunk = bytes.isBroken ? undefined : await bytes.next()
  }
  const line = frame.line + 1
  const rest = { text: '', chunk: frame.held, from: 0, to: frame.heldBytes, offset: frame.offset, line }
  const broken = { ...rest, length: frame.heldLength }
  const last = endLines(frame)
  if (bytes.isBroken) yield { ...chunkOf(reading, []), failure: { reason: 'undecodable', record: broken } }
  else yield chunkOf(reading, last)
}

/** All of the file as one record; of one over the limit the first 64 KiB. */
async function whole(reading: Reading, first: Uint8Array, maxBytes: number): Promise<SourceChunk> {
  const { bytes, frame } = reading
  const rest = await gather(bytes, Math.max(0, maxBytes + 1 - first.length))
  let length = first.length + rest.length
  const isOver = length > maxBytes
  const kept = isOver ? first.slice(0, CHUNK_BYTES) : Buffer.concat([first, rest])
  for (let more = isOver && !bytes.isBroken; more; ) {
    const chunk = await bytes.next()
    length += chunk?.length ?? 0
    more = chunk !== undefined
  }
  frame.offset = length
  const record = { text: '', chunk: kept, from: 0, to: kept.length, offset: 0, line: 0, length }
  if (!bytes.isBroken) return chunkOf(reading, length === 0 ? [] : [record])
  return { ...chunkOf(reading, []), failure: { reason: 'undecodable', record } }
}

function chunkOf(reading: Reading, records: readonly RawRecord[]): SourceChunk {
  const { source, generation, frame } = reading
  return { records, end: { source, generation, offset: frame.offset, line: frame.line } }
}
