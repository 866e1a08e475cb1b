import { closeSync } from 'node:fs'
import type { Position } from '../domain/coordinate.ts'
import type { Source, SourceChunk } from '../domain/ports.ts'
import { type FileFollowOptions, followFile } from './file-follow.ts'
import { openIfThere, parseMark, readAt } from './file-mark.ts'
import { isWholeGeneration, wholeFile } from './file-whole.ts'

/** What decides: so many first bytes, or all of a shorter file. */
const HEAD_BYTES = 4096

export interface FileByContentOptions extends Omit<FileFollowOptions, 'report'> {
  /** Decides how the file is read, by its first bytes, of which there is at least one. */
  readonly framingOf: (head: Uint8Array) => 'line' | 'whole'
  readonly report?: (change: string, path: string) => void
}

interface Chosen {
  readonly path: string
  readonly options: FileByContentOptions
  framing: 'line' | 'whole' | undefined
  reader: Source | undefined
  /** Where the readers so far have come to. */
  last: Position | undefined
  start: 'beginning' | 'end'
  lookedAt: number
  /** Of the readers before this one. */
  unchanged: number
}

/**
 * A file of unknown format: followed line by line or read as a whole, whichever its first bytes speak for. It need not
 * exist yet, and may be replaced by one of the other kind, which is begun when the old one has given everything.
 * `read` never waits; it throws `file-forbidden`, `file-is-folder` or `file-unreadable`.
 */
export function fileByContent(path: string, options: FileByContentOptions): Source {
  const chosen: Chosen = {
    path,
    options,
    framing: undefined,
    reader: undefined,
    last: options.resume,
    start: options.start ?? 'beginning',
    lookedAt: Number.NEGATIVE_INFINITY,
    unchanged: 0,
  }
  const before = framingBefore(options.resume)
  if (before !== undefined) choose(chosen, before)
  return {
    name: options.name ?? path,
    ended: false,
    get unchanged() {
      return chosen.unchanged + (chosen.reader?.unchanged ?? 0)
    },
    read: () => readOn(chosen),
    close: async () => chosen.reader?.close(),
  }
}

/** How an earlier run has read the file: it may have gone since, and its rest be in a rotated one. */
function framingBefore(resume: Position | undefined): Chosen['framing'] {
  if (resume === undefined) return undefined
  if (parseMark(resume.generation) !== undefined) return 'line'
  return isWholeGeneration(resume.generation) ? 'whole' : undefined
}

async function readOn(chosen: Chosen): Promise<SourceChunk | undefined> {
  const framing = look(chosen)
  let chunk = await chosen.reader?.read()
  if (chunk === undefined && framing !== chosen.framing) {
    await chosen.reader?.close()
    choose(chosen, framing)
    chunk = await chosen.reader?.read()
  }
  chosen.last = chunk?.end ?? chosen.last
  return chunk
}

/** How the file is to be read as it is now; as before while it is missing, empty, or was just looked at. */
function look(chosen: Chosen): Chosen['framing'] {
  const { path, options, framing } = chosen
  const now = options.now()
  if (now - chosen.lookedAt < (options.pollMs ?? 200)) return framing
  chosen.lookedAt = now
  const head = headOf(path)
  if (head.length > 0) return options.framingOf(head)
  chosen.start = 'beginning'
  return framing
}

function choose(chosen: Chosen, framing: Chosen['framing']): void {
  const { path, options, last, start } = chosen
  const settings = { ...options, start, ...(last === undefined ? {} : { resume: last }) }
  chosen.framing = framing
  chosen.unchanged += chosen.reader?.unchanged ?? 0
  chosen.reader = framing === 'whole' ? wholeFile(path, settings) : followFile(path, settings)
  chosen.start = 'beginning'
}

function headOf(path: string): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES)
  const opened = openIfThere(path)
  if (opened === undefined) return head.subarray(0, 0)
  try {
    return head.subarray(0, readAt(opened, head, 0))
  } finally {
    closeSync(opened.file)
  }
}
