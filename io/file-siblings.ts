import { type BigIntStats, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type FileMark, pathHasHead } from './file-mark.ts'

/** What rotation puts behind a name: `.1`, `-20311005`, `.2031-10-05T07`. */
const ROTATED = /^[.-]\d[\dTZ:._-]*$/

interface Sibling {
  readonly path: string
  readonly stats: BigIntStats
}

/**
 * The file that was followed under this path until it was rotated away: the same inode under another name, else the
 * newest copy that begins with the same bytes (copy-truncate). It must reach at least to `offset`.
 */
export function findRotated(path: string, mark: FileMark, offset: number): string | undefined {
  const candidates = siblings(path)
    .filter((sibling) => sibling.path !== path && sibling.stats.size >= offset)
    .sort((a, b) => Number(b.stats.mtimeNs - a.stats.mtimeNs))
  const moved = candidates.filter(({ stats }) => String(stats.ino) === mark.inode)
  const copies = candidates.filter((sibling) => startsLike(path, sibling))
  return [...moved, ...copies].find((sibling) => pathHasHead(sibling.path, mark))?.path
}

/**
 * What to read when a file is finished: the oldest rotated file that was written after it, else what now has the
 * path; undefined while there is neither. An empty file does not count: its writer may not have come to it yet.
 */
export function nextAfter(path: string, finished: BigIntStats): string | undefined {
  const others = siblings(path).filter(({ stats }) => stats.ino !== finished.ino && stats.size > 0n)
  const rotated = others
    .filter((sibling) => isRotated(path, sibling) && sibling.stats.mtimeNs > finished.mtimeNs)
    .sort((a, b) => Number(a.stats.mtimeNs - b.stats.mtimeNs))
  return (rotated[0] ?? others.find((sibling) => sibling.path === path))?.path
}

/** Files of the folder, without those that vanish while it is looked at. */
function siblings(path: string): Sibling[] {
  const folder = dirname(path)
  return names(folder).flatMap((name) => {
    const sibling = join(folder, name)
    const stats = statSync(sibling, { bigint: true, throwIfNoEntry: false })
    return stats?.isFile() ? [{ path: name === basename(path) ? path : sibling, stats }] : []
  })
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // The folder may come later, like the file itself.
    return []
  }
}

function startsLike(path: string, sibling: Sibling): boolean {
  return basename(sibling.path).startsWith(basename(path))
}

function isRotated(path: string, sibling: Sibling): boolean {
  return startsLike(path, sibling) && ROTATED.test(basename(sibling.path).slice(basename(path).length))
}
