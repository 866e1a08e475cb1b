import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @returns path of the first of these commands that is in PATH */
export function findCommand(...names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isCommand)
}

function isCommand(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
