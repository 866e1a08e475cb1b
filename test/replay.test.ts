import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replayCommand } from '../cli/replay.ts'

test('a replay in a format that nobody knows names the known ones', async () => {
  await assert.rejects(replayCommand(['access.log'], { format: 'nginx', emit: 'incidents' }), {
    message: 'unknown format "nginx": write auto, envoy-json, meshwatch, step-ca, crl',
  })
})
