import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const children = new Set<ChildProcess>()
const folders = new Set<string>()

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

/** A child that is killed when this process ends, whoever forgot it, and that does not keep this process alive. */
export function killAtExit(child: ChildProcess): void {
  children.add(child)
  child.once('exit', () => children.delete(child))
  child.unref()
}

/** A new folder for what a server writes, removed at the latest when this process ends. */
export function serverFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `meshwatch-${name}-`))
  folders.add(folder)
  return folder
}

/** Removes it now. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  folders.delete(folder)
}
