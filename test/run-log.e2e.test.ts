import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { revokedUse } from './roles/revoked-use.ts'
import { endProcesses, eventually, FREE_PORTS, runFolder, startProcess } from './run-process.ts'

const PORTS = `${FREE_PORTS}intake: { port: 0 }\n`

after(endProcesses)

describe('the log of meshwatch run', () => {
  it('says which file is not there yet, and reads it when it comes', async () => {
    const folder = runFolder(`${PORTS}sources: [{ file: acess.log }, { file: ca.log, format: step-ca }]\n`)
    writeFileSync(join(folder, 'ca.log'), '')
    const run = startProcess(folder)
    const path = join(folder, 'acess.log')
    assert.equal((await run.said('file missing'))['path'], path)
    writeFileSync(path, `${revokedUse(Date.now())[0]}\n`)
    const opened = () => run.log.find(({ msg, path: which }) => msg === 'file opened' && which === path)
    await eventually(opened)
    run.process.kill('SIGTERM')
    assert.equal(await run.ended, 0)
    assert.equal(run.log.filter(({ msg }) => msg === 'file missing').length, 1)
  })

  it('says which notification reaches nobody', async () => {
    const receiver = createServer((_, response) => void response.writeHead(410).end()).listen(0, '127.0.0.1')
    await new Promise((resolve) => receiver.once('listening', resolve))
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
    const endpoint = `{ name: pager, webhook: { url: '${url}', secrets: [{ file: secret }] } }`
    const folder = runFolder(
      `${PORTS}sources: [{ file: access.log }]\nalerter: { endpoints: [${endpoint}] }\n`,
    )
    writeFileSync(join(folder, 'secret'), `whsec_${'ab+/'.repeat(11)}`)
    writeFileSync(join(folder, 'access.log'), `${revokedUse(Date.now()).join('\n')}\n`)
    const run = startProcess(folder)
    const { incident } = await run.said('incident opened')
    const {
      level,
      endpoint: name,
      outcome,
      attempts,
      ...line
    } = await run.said('a notification was given up')
    assert.deepEqual([level, line['incident'], name, outcome, attempts], [50, incident, 'pager', 'gone', 1])
    run.process.kill('SIGTERM')
    assert.equal(await run.ended, 0)
    receiver.close()
  })

  it('has a failed request in its log under the id that the answer names', async () => {
    const folder = runFolder(PORTS)
    const run = startProcess(folder)
    const { api } = await run.said('watching')
    const store = new DatabaseSync(join(folder, 'meshwatch-data/meshwatch.db'), { timeout: 5000 })
    store.exec('ALTER TABLE incidents RENAME TO gone')
    const answer = await fetch(`${api}/v1/incidents`)
    const { code, requestId } = (await answer.json()) as Record<string, unknown>
    assert.deepEqual([answer.status, code], [503, 'store-unavailable'])
    assert.equal((await run.said('a request failed'))['requestId'], requestId)
    store.exec('ALTER TABLE gone RENAME TO incidents')
    store.close()
    run.process.kill('SIGTERM')
    assert.equal(await run.ended, 0)
  })
})
