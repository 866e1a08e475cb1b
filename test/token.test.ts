import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { tokenCommand } from '../cli/token.ts'
import { readConfig } from '../domain/config/read.ts'

function printed(): readonly string[] {
  const lines: string[] = []
  tokenCommand((line) => lines.push(line))
  return lines
}

test('a new token is printed with the line that the configuration wants', () => {
  const [token, hash] = printed()
  const text = token.replace('token: ', '')
  assert.match(text, /^mw_[A-Za-z0-9_-]{43}$/)
  const yaml = `api: { host: 0.0.0.0, tokens: [{ name: on-call, ${hash} }] }`
  const result = readConfig(yaml, 'meshwatch.yaml', { formats: [], detectors: {}, channels: {} })
  assert.ok('config' in result)
  assert.equal(result.config.api.tokens[0].sha256, createHash('sha256').update(text).digest('hex'))
})

test('no two tokens are the same', () => assert.notDeepEqual(printed(), printed()))
