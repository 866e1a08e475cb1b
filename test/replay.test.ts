import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replayCommand } from '../cli/replay.ts'

test('a replay in a format that nobody knows names the known ones', async () => {
  await assert.rejects(replayCommand(['access.log'], { format: 'nginx', emit: 'incidents' }), {
    message: 'unknown format "nginx": write auto, envoy-json, meshwatch, step-ca, crl',
  })
})

test('a replay takes each file once', async () => {
  const options = { format: 'auto', emit: 'incidents' } as const
  for (const [twice, paths] of [
    ['./access.log', ['access.log', 'ca.jsonl', './access.log']],
    ['-', ['-', '-']],
  ] as const)
    await assert.rejects(replayCommand(paths, options), {
      message: `${twice} is named twice: remove one of the two, or every call counts twice`,
    })
})
