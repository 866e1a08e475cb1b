import { createHash } from 'node:crypto'
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { fileError, hasCode } from './world-error.ts'

/** How much of a file's beginning tells it from others. */
export const HEAD_BYTES = 256

/**
 * What a file is known by: its inode, and a hash over its first bytes. Bytes once written to a log stay, so as many
 * are hashed as there were at the first look (at most 256), and the text says how many.
 */
export interface FileMark {
  readonly inode: string
  readonly headBytes: number
  readonly hash: string
}

export interface OpenedFile {
  readonly file: number
  readonly path: string
}

/** Without waiting: a pipe without a writer would stop everything else. */
const READ_AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK

/** Undefined when there is no such file. Throws `file-forbidden`, `file-is-folder`, `file-unreadable` */
export function openIfThere(path: string): OpenedFile | undefined {
  try {
    const file = openSync(path, READ_AT_ONCE)
    const stats = fstatSync(file)
    if (stats.isFile()) return { file, path }
    closeSync(file)
    throw stats.isDirectory() ? systemError('EISDIR') : new Error('is no regular file')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw fileError(path, error)
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

export function statOf({ file, path }: OpenedFile): BigIntStats {
  try {
    return fstatSync(file, { bigint: true })
  } catch (error) {
    throw fileError(path, error)
  }
}

export function statIfThere(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    throw fileError(path, error)
  }
}

/** @returns number of bytes put into `into`; 0 at the end */
export function readAt({ file, path }: OpenedFile, into: Uint8Array, offset: number): number {
  try {
    return readSync(file, into, 0, into.length, offset)
  } catch (error) {
    throw fileError(path, error)
  }
}

export function markOf(opened: OpenedFile, inode: bigint): FileMark {
  const head = Buffer.alloc(HEAD_BYTES)
  const headBytes = readAt(opened, head, 0)
  return { inode: String(inode), headBytes, hash: hashOf(head.subarray(0, headBytes)) }
}

/** True when the file begins with the bytes that the mark was made from. */
export function hasHead(opened: OpenedFile, mark: FileMark): boolean {
  const head = Buffer.alloc(mark.headBytes)
  return readAt(opened, head, 0) === mark.headBytes && hashOf(head) === mark.hash
}

/** The same for a path; false when it cannot be read. */
export function pathHasHead(path: string, mark: FileMark): boolean {
  let opened: OpenedFile | undefined
  try {
    opened = openIfThere(path)
    return opened !== undefined && hasHead(opened, mark)
  } catch {
    // A neighbour in the folder that cannot be read is not the file that is looked for.
    return false
  } finally {
    if (opened !== undefined) closeSync(opened.file)
  }
}

export function markText(mark: FileMark): string {
  return `${mark.inode}.${mark.headBytes}.${mark.hash}`
}

/** The mark at the beginning of a generation. */
export function parseMark(generation: string): FileMark | undefined {
  const parts = /^(\d+)\.(\d{1,3})\.([0-9a-f]{16})-/.exec(generation)
  return parts === null ? undefined : { inode: parts[1], headBytes: Number(parts[2]), hash: parts[3] }
}

function hashOf(head: Uint8Array): string {
  return createHash('sha256').update(head).digest('hex').slice(0, 16)
}
