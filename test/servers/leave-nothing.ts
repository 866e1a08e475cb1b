import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

const children = new Set<ChildProcess>()
const folders = new Set<string>()

/** Whether the end of this process is watched: not before there is something to leave. */
let isArmed = false

function arm(): void {
  if (isArmed) return
  isArmed = true
  process.on('exit', leaveNothing)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Stays in place while the folders are removed: whoever is impatient presses Ctrl-C twice.
    process.on(signal, () => process.exit(128 + constants.signals[signal]))
  }
}

function leaveNothing(): void {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** A child that is killed when this process ends, whoever forgot it, and that does not keep this process alive. */
export function killAtExit(child: ChildProcess): void {
  arm()
  children.add(child)
  child.once('exit', () => children.delete(child))
  child.unref()
}

/** A new folder for what a server writes, removed at the latest when this process ends. */
export function serverFolder(name: string): string {
  arm()
  const folder = mkdtempSync(join(tmpdir(), `meshwatch-${name}-`))
  folders.add(folder)
  return folder
}

/** Removes it now. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  folders.delete(folder)
}
