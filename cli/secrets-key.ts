import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomKey } from '../io/hash.ts'

/** The key that hashes bearer secrets: made once in the data folder, readable by its owner only. */
export function bearerKey(dataDir: string): Uint8Array {
  const path = join(dataDir, 'bearer.key')
  if (!existsSync(path)) writeFileSync(path, randomKey(), { mode: 0o600, flag: 'wx' })
  return readFileSync(path)
}
