import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { endProcesses, startProcess } from '../run-process.ts'
import { without } from '../servers/availability.ts'
import { kafkaForTests } from '../servers/kafka-for-tests.ts'
import { startRedis } from '../servers/redis.ts'
import { openCast } from './cast.ts'
import { linesIntoTopic } from './lines-into-topic.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshwatch-blind-'))
const closing: (() => Promise<unknown>)[] = []
after(async () => {
  endProcesses()
  for (const close of closing) await close()
  rmSync(folder, { recursive: true })
})

/** Without a credential, and from nobody who would say that one is revoked. */
const CALL = { kind: 'call', time: Date.now(), caller: 'shop/a', callee: 'shop/b' }

it('a collector says which detectors cannot evaluate what it reads', {
  skip: without('kafka', 'redis'),
}, async () => {
  const [{ bootstrap, prefix, stop }, redis] = await Promise.all([kafkaForTests(), startRedis()])
  closing.push(stop, redis.stop)
  const { config } = await openCast({
    folder,
    bootstrap,
    prefix,
    redis: redis.url.replace('redis://', ''),
    webhook: 'http://127.0.0.1:1',
    partitions: 1,
    sources: [{ name: 'mesh', topic: `${prefix}access` }],
  })
  await linesIntoTopic(config.kafka!, `${prefix}access`, [JSON.stringify(CALL)])
  const run = startProcess(folder, ['run', '--role', 'collector', '--config', 'meshwatch.yaml'])
  const { detectors, of } = await run.said('detectors cannot evaluate')
  assert.equal(detectors, 'revoked-credential (no credential, no revocation)')
  assert.equal(of, 'what this collector reads')
  run.process.kill('SIGTERM')
  assert.equal(await run.ended, 0)
})
