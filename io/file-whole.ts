import { createHash } from 'node:crypto'
import { type BigIntStats, closeSync } from 'node:fs'
import type { Position } from '../domain/coordinate.ts'
import { generationNumber, generationOf } from '../domain/generation.ts'
import type { RawRecord, Source, SourceChunk } from '../domain/ports.ts'
import { type OpenedFile, openIfThere, readAt, statIfThere, statOf } from './file-mark.ts'
import { CHUNK_BYTES, MAX_WHOLE_BYTES } from './frame.ts'

export interface FileWholeOptions {
  /** Milliseconds of any clock that only goes forward. */
  readonly now: () => number
  /** Name of the source; default the path. */
  readonly name?: string
  /** `end`: the content that is there at the start and was never read before is left out; default `beginning`. */
  readonly start?: 'beginning' | 'end'
  /** What was read before: its generation says which content. */
  readonly resume?: Position
  readonly maxBytes?: number
  /** How often the file is looked at, and how long it must have stayed as it is before it is read. */
  readonly pollMs?: number
  /** Called for each content that is read. */
  readonly report?: (change: 'read', path: string) => void
}

/** One content of the file. */
interface Content {
  readonly bytes: Uint8Array
  readonly length: number
  readonly hash: string
}

interface Watched {
  readonly path: string
  readonly options: FileWholeOptions
  /** The content that was handed over last. */
  last: Position | undefined
  start: 'beginning' | 'end'
  lookedAt: number
  /** The file as it was at the last look. */
  seen: BigIntStats | undefined
  /** True when what was seen was read, or left out. */
  isKnown: boolean
  /** Looks at a file whose content is known. */
  unchanged: number
}

/**
 * A file that is replaced or written anew as a whole: one record each time that its content has changed, under a new
 * generation. It need not exist yet, and an empty one counts as missing. A file that is still being written is left
 * alone until size and time of change have stayed the same for one look. Of one over the limit the first 64 KiB are
 * handed over. `read` never waits; it throws `file-forbidden`, `file-is-folder` or `file-unreadable`.
 */
export function wholeFile(path: string, options: FileWholeOptions): Source {
  const watched: Watched = {
    path,
    options,
    last: options.resume,
    start: options.resume === undefined ? (options.start ?? 'beginning') : 'beginning',
    lookedAt: Number.NEGATIVE_INFINITY,
    seen: undefined,
    isKnown: false,
    unchanged: 0,
  }
  return {
    name: options.name ?? path,
    ended: false,
    get unchanged() {
      return watched.unchanged
    },
    read: async () => look(watched),
    close: async () => {},
  }
}

/** True for a generation that {@link wholeFile} made. */
export function isWholeGeneration(generation: string): boolean {
  return /^[0-9a-f]{32}-\d+$/.test(generation)
}

function look(watched: Watched): SourceChunk | undefined {
  const { path, options, seen } = watched
  const now = options.now()
  if (now - watched.lookedAt < (options.pollMs ?? 1000)) return undefined
  watched.lookedAt = now
  const stats = statIfThere(path)
  watched.seen = stats
  if (stats === undefined || seen === undefined || !isSame(stats, seen)) watched.isKnown = false
  else if (!watched.isKnown && stats.size > 0n) return readNow(watched, stats)
  else if (watched.isKnown) watched.unchanged++
  return undefined
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.dev === b.dev
}

function readNow(watched: Watched, stats: BigIntStats): SourceChunk | undefined {
  const { path, options, last } = watched
  const content = contentOf(path, stats, options.maxBytes ?? MAX_WHOLE_BYTES)
  if (content === undefined) return undefined
  watched.isKnown = true
  const lastGeneration = last?.generation ?? ''
  const isSameContent = lastGeneration.startsWith(`${content.hash}-`)
  if (isSameContent && last?.offset === content.length) return undefined
  const generation = isSameContent
    ? lastGeneration
    : generationOf(content.hash, generationNumber(lastGeneration) + 1)
  const end = { source: options.name ?? path, generation, offset: content.length, line: 0 }
  const isLeftOut = watched.start === 'end'
  watched.last = end
  watched.start = 'beginning'
  if (!isLeftOut) options.report?.('read', path)
  return { records: isLeftOut ? [] : [recordOf(content)], end }
}

function recordOf({ bytes, length }: Content): RawRecord {
  return { text: '', chunk: bytes, from: 0, to: bytes.length, offset: 0, line: 0, length }
}

/** Undefined when the file is no longer the one that was seen: it is looked at again. */
function contentOf(path: string, seen: BigIntStats, maxBytes: number): Content | undefined {
  const opened = openIfThere(path)
  if (opened === undefined) return undefined
  try {
    const length = Number(seen.size)
    const bytes = readBytes(opened, length > maxBytes ? Math.min(CHUNK_BYTES, maxBytes) : length)
    if (!isSame(statOf(opened), seen)) return undefined
    return { bytes, length, hash: createHash('sha256').update(bytes).digest('hex').slice(0, 32) }
  } finally {
    closeSync(opened.file)
  }
}

function readBytes(opened: OpenedFile, count: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(count)
  let length = 0
  for (let more = -1; more !== 0 && length < count; length += more)
    more = readAt(opened, bytes.subarray(length), length)
  return bytes.subarray(0, length)
}
