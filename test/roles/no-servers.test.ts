import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { endProcesses, FREE_PORTS, runFolder, startProcess } from '../run-process.ts'

/** Nobody listens on port 1. */
const CONFIG = `${FREE_PORTS}intake: { port: 0 }
kafka: { brokers: ['127.0.0.1:1'] }
redis: { address: '127.0.0.1:1' }
bearerKey: { file: bearer.key }
sources: [{ kafka: { topic: access } }]
`

after(endProcesses)

describe('a role that waits for its servers', () => {
  for (const role of ['collector', 'analyzer', 'alerter'])
    it(`ends in order when told to stop: ${role}`, async () => {
      const folder = runFolder(CONFIG)
      writeFileSync(join(folder, 'bearer.key'), 'ab'.repeat(32))
      const run = startProcess(folder, ['run', '--role', role, '--config', 'meshwatch.yaml'])
      await run.said('Kafka cannot be asked')
      run.process.kill('SIGTERM')
      assert.equal(await run.ended, 0)
      assert.equal(run.log.at(-1)?.['msg'], 'stopped')
    })
})
