import assert from 'node:assert/strict'
import { it } from 'node:test'
import { memorySource } from '../memory-source.ts'
import { configOf, play } from './play.ts'

it('a caller that was never seen before has been seen for 0.0 days, not for less', async () => {
  const time = Date.UTC(2026, 2, 2, 10) + 999
  const lines = Array.from({ length: 50 }, (_, i) =>
    JSON.stringify({ kind: 'call', time: time + i * 1000, caller: `caller-${i}`, callee: `callee-${i}` }),
  )
  const config = configOf('analyzer: { detectors: { new-edge: { recordBits: 0 } } }')
  const { findings } = await play([memorySource('log', lines)], config)
  assert.ok(findings.length > 0)
  for (const { text } of findings) assert.match(text, /in the 0\.0 days that it has been seen/)
})
