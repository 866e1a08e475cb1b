import { closeSync } from 'node:fs'
import type { Position } from '../domain/coordinate.ts'
import { generationNumber, generationOf } from '../domain/generation.ts'
import type { RawRecord, Source, SourceChunk } from '../domain/ports.ts'
import {
  type FileMark,
  HEAD_BYTES,
  hasHead,
  markOf,
  markText,
  type OpenedFile,
  openIfThere,
  parseMark,
  readAt,
  statIfThere,
  statOf,
} from './file-mark.ts'
import { lastLineEnd, reopen } from './file-reopen.ts'
import { findRotated, nextAfter } from './file-siblings.ts'
import { CHUNK_BYTES, cutLines, endLines, type LineFrame, lineFrame } from './frame.ts'

/** What happened to a followed file; `lost`: its unread rest is nowhere to be found. */
export type FollowChange = 'opened' | 'rotated' | 'truncated' | 'lost'

export interface FileFollowOptions {
  /** Milliseconds of any clock that only goes forward. */
  readonly now: () => number
  /** Name of the source; default the path. */
  readonly name?: string
  /** Where a file is begun that is there at the start and was never read before; default `beginning`. */
  readonly start?: 'beginning' | 'end'
  /** Where to go on; its generation says in which file. */
  readonly resume?: Position
  readonly maxRecordBytes?: number
  /** How often the end of the file, its name and its beginning are looked at. */
  readonly pollMs?: number
  /** How long a rotated file must be quiet before its successor is read: writers take a while to change over. */
  readonly graceMs?: number
  readonly report?: (change: FollowChange, path: string) => void
}

interface Following {
  readonly path: string
  readonly options: FileFollowOptions
  opened: OpenedFile | undefined
  /** Undefined until enough of the file is there to know it again. */
  generation: { readonly text: string; readonly mark: FileMark } | undefined
  /** Number of the last generation. */
  number: number
  resume: Position | undefined
  start: 'beginning' | 'end'
  frame: LineFrame
  isAtEnd: boolean
  lookedAt: number
  /** Since when a rotated file has given nothing more. */
  quietSince: number | undefined
}

/**
 * A file that is written while it is read. It need not exist yet. It is read on through rotation by renaming, through
 * truncation and copy-truncate, deletion and creation, each time under a new generation, and a file that was left
 * unfinished is finished first, under the name that it was given. An unfinished line waits for its newline as long
 * as its file may grow. `read` never waits; it throws `file-forbidden`, `file-is-folder` or `file-unreadable`.
 */
export function followFile(path: string, options: FileFollowOptions): Source {
  const following: Following = {
    path,
    options,
    opened: undefined,
    generation: undefined,
    number: generationNumber(options.resume?.generation ?? ''),
    resume: options.resume,
    start: options.start ?? 'beginning',
    frame: lineFrame({ offset: 0, line: 0 }, options.maxRecordBytes),
    isAtEnd: true,
    lookedAt: Number.NEGATIVE_INFINITY,
    quietSince: undefined,
  }
  return {
    name: options.name ?? path,
    ended: false,
    read: async () => readOn(following),
    close: async () => leave(following),
  }
}

function readOn(following: Following): SourceChunk | undefined {
  const now = following.options.now()
  if (now - following.lookedAt >= (following.options.pollMs ?? 200)) {
    following.lookedAt = now
    const last = look(following, now)
    if (last !== undefined) return last
  } else if (following.isAtEnd) return undefined
  return readChunk(following)
}

/** Follows what happened to the file; a chunk when an unfinished line ended with its file. */
function look(following: Following, now: number): SourceChunk | undefined {
  if (following.opened === undefined) return begin(following)
  const stats = statOf(following.opened)
  const { generation, frame } = following
  const isCut = stats.size < frame.offset + frame.heldLength
  if (isCut || (generation !== undefined && !hasHead(following.opened, generation.mark)))
    return restart(following)
  const named = statIfThere(following.path)
  if (named?.ino === stats.ino || !following.isAtEnd || stats.size > frame.offset + frame.heldLength) {
    following.quietSince = undefined
    return undefined
  }
  following.quietSince ??= now
  const next = nextAfter(following.path, stats)
  if (next === undefined || now - following.quietSince < (following.options.graceMs ?? 1000)) return undefined
  following.options.report?.('rotated', following.path)
  return goTo(following, next)
}

/** Opens the file for the first time, at the place where an earlier run stopped. */
function begin(following: Following): SourceChunk | undefined {
  const { path, resume, options } = following
  const mark = parseMark(resume?.generation ?? '')
  if (resume === undefined || mark === undefined) return beginNew(following)
  const opened = reopen(path, mark, resume.offset)
  if (opened === undefined) {
    if (open(following, path)) options.report?.('lost', path)
    return undefined
  }
  following.opened = opened
  following.frame = lineFrame(resume, options.maxRecordBytes)
  following.generation = { text: resume.generation, mark }
  following.isAtEnd = false
  options.report?.('opened', opened.path)
  return undefined
}

/** An empty chunk says that the file is read from its end on, so that a restart does not skip what came since. */
function beginNew(following: Following): SourceChunk | undefined {
  const isAtEnd = following.start === 'end'
  following.start = 'beginning'
  if (!open(following, following.path) || !isAtEnd) return undefined
  const offset = lastLineEnd(following.opened!)
  if (offset === 0) return undefined
  following.frame = lineFrame({ offset, line: 0 }, following.options.maxRecordBytes)
  following.generation = newGeneration(following, following.opened!)
  return chunkOf(following, [])
}

/** The file was emptied or written anew in place. What was in it may be in a copy, which is finished first. */
function restart(following: Following): SourceChunk | undefined {
  const { path, generation, frame, options } = following
  options.report?.('truncated', path)
  const copy = generation && findRotated(path, generation.mark, frame.offset + frame.heldLength)
  const opened = copy === undefined ? undefined : openIfThere(copy)
  if (opened === undefined) return goTo(following, path)
  closeSync(following.opened!.file)
  following.opened = opened
  following.isAtEnd = false
  return undefined
}

/** Ends this file and goes to the beginning of another. */
function goTo(following: Following, next: string): SourceChunk | undefined {
  const records = endLines(following.frame)
  const last = records.length === 0 ? undefined : chunkOf(following, records)
  leave(following)
  open(following, next)
  return last
}

function leave(following: Following): void {
  if (following.opened !== undefined) closeSync(following.opened.file)
  following.opened = undefined
  following.resume = undefined
  following.generation = undefined
  following.quietSince = undefined
  following.isAtEnd = true
}

/** @returns false when there is no such file */
function open(following: Following, path: string): boolean {
  following.opened = openIfThere(path)
  following.frame = lineFrame({ offset: 0, line: 0 }, following.options.maxRecordBytes)
  following.isAtEnd = following.opened === undefined
  if (following.opened !== undefined) following.options.report?.('opened', path)
  return following.opened !== undefined
}

function readChunk(following: Following): SourceChunk | undefined {
  const { opened, frame, options } = following
  if (opened === undefined) return undefined
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  const length = readAt(opened, chunk, frame.offset + frame.heldLength)
  following.isAtEnd = length < CHUNK_BYTES
  if (length === 0) return undefined
  const records = cutLines(frame, chunk.subarray(0, length))
  if (following.generation === undefined && frame.offset === 0 && length < HEAD_BYTES) {
    // Too little to know the file by: read again when there is more.
    following.frame = lineFrame({ offset: 0, line: 0 }, options.maxRecordBytes)
    return undefined
  }
  following.generation ??= newGeneration(following, opened)
  return chunkOf(following, records)
}

function newGeneration(following: Following, opened: OpenedFile): Following['generation'] {
  following.number++
  const mark = markOf(opened, statOf(opened).ino)
  return { text: generationOf(markText(mark), following.number), mark }
}

function chunkOf(
  { path, options, frame, generation }: Following,
  records: readonly RawRecord[],
): SourceChunk {
  const end = {
    source: options.name ?? path,
    generation: generation!.text,
    offset: frame.offset,
    line: frame.line,
  }
  return { records, end }
}
