import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomKey } from '../io/hash.ts'
import { worldError } from '../io/world-error.ts'

const KEY_BYTES = 32

/**
 * The key that hashes bearer secrets: made once in the data folder, readable by its owner only.
 * @throws WorldError `store-unusable` for one that is cut, as a full disk leaves it
 */
export function bearerKey(dataDir: string): Uint8Array {
  const path = join(dataDir, 'bearer.key')
  if (!existsSync(path)) writeFileSync(path, randomKey(), { mode: 0o600, flag: 'wx' })
  const key = readFileSync(path)
  if (key.length === KEY_BYTES) return key
  throw worldError(
    'store-unusable',
    `the key ${path} has ${key.length} bytes and not ${KEY_BYTES}: restore it, or remove it and bearer secrets get other names`,
  )
}
