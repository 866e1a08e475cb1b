import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { bearerKey } from '../cli/secrets-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-key-'))
const path = join(folder, 'bearer.key')
after(() => rmSync(folder, { recursive: true }))

test('the key is made once, for its owner only', () => {
  const key = bearerKey(folder)
  assert.equal(key.length, 32)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(bearerKey(folder), key)
  assert.deepEqual(readFileSync(path), Buffer.from(key))
})

test('a key that is cut or empty is refused: it would protect nothing', () => {
  for (const bytes of ['', 'short']) {
    writeFileSync(path, bytes)
    assert.throws(() => bearerKey(folder), {
      code: 'store-unusable',
      message: `the key ${path} has ${bytes.length} bytes and not 32: restore it, or remove it and bearer secrets get other names`,
    })
  }
})
