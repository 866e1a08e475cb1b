import { closeSync } from 'node:fs'
import { type FileMark, hasHead, type OpenedFile, openIfThere, readAt, statOf } from './file-mark.ts'
import { findRotated } from './file-siblings.ts'
import { CHUNK_BYTES } from './frame.ts'

/** The file of an earlier run, under its name or the one it was given since. */
export function reopen(path: string, mark: FileMark, offset: number): OpenedFile | undefined {
  const current = openIfThere(path)
  if (current !== undefined && isSame(current, mark, offset)) return current
  if (current !== undefined) closeSync(current.file)
  const rotated = findRotated(path, mark, offset)
  return rotated === undefined ? undefined : openIfThere(rotated)
}

function isSame(opened: OpenedFile, mark: FileMark, offset: number): boolean {
  const { ino, size } = statOf(opened)
  return String(ino) === mark.inode && size >= offset && hasHead(opened, mark)
}

/** Offset behind the last newline; where none is near, the unfinished line is read from its middle. */
export function lastLineEnd(opened: OpenedFile): number {
  const size = Number(statOf(opened).size)
  const from = Math.max(0, size - CHUNK_BYTES)
  const last = Buffer.alloc(size - from)
  readAt(opened, last, from)
  const newline = last.lastIndexOf('\n')
  return newline < 0 ? from : from + newline + 1
}
