import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  endProcesses,
  eventually,
  FREE_PORTS,
  type RunProcess,
  runFolder,
  startProcess,
} from './run-process.ts'

/** `POST /v1/logs` of a running process, and what becomes of what was sent. */

const TOKENS = { proxy: 'mw_proxy', ca: 'mw_ca' }
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
const JOURNAL_BYTES = 1_048_576
const YAML = `${FREE_PORTS}intake:
  port: 0
  maxBodyBytes: 700000
  maxJournalBytes: ${JOURNAL_BYTES}
  tokens:
    - { name: proxy, sha256: ${hashOf(TOKENS.proxy)}, allows: traffic }
    - { name: ca, sha256: ${hashOf(TOKENS.ca)} }
analyzer: { checkpointEveryMs: 600000 }
`

const time = Date.now()
const call = { kind: 'call', time, caller: 'web', callee: 'ledger' }
const revocation = { kind: 'lifecycle', time, action: 'revoked', credential: { kind: 'x509', id: 'a1b2' } }
const lines = (...rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

interface Sending {
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

describe('the intake of meshwatch run', () => {
  const folder = runFolder(YAML)
  let run: RunProcess
  let addresses: { api: string; intake: string; metrics: string }

  before(async () => {
    run = startProcess(folder)
    addresses = (await run.said('watching')) as unknown as typeof addresses
  })
  after(endProcesses)

  async function send(body: NonNullable<RequestInit['body']>, { token = TOKENS.ca, headers }: Sending = {}) {
    const authorization = `Bearer ${token}`
    const answer = await fetch(`${addresses.intake}/v1/logs`, {
      method: 'POST',
      body,
      headers: { authorization, 'content-type': 'application/x-ndjson', ...headers },
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) }
  }

  async function metric(sample: string): Promise<number> {
    const text = await (await fetch(addresses.metrics)).text()
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`meshwatch_${sample}`))
        ?.split(' ')
        .at(-1),
    )
  }

  const accepted = (count: number) =>
    eventually(async () => ((await metric('events_accepted_total')) === count ? true : undefined))

  it('takes lines, plain and compressed, and OTLP', async () => {
    assert.deepEqual((await send(lines(call, call))).body, { accepted: 2 })
    const zipped = await send(gzipSync(lines(call)), { headers: { 'content-encoding': 'gzip' } })
    assert.deepEqual(zipped.body, { accepted: 1 })
    const record = { body: { stringValue: JSON.stringify(call) } }
    const otlp = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })
    const exported = await send(otlp, { headers: { 'content-type': 'application/json' } })
    assert.deepEqual([exported.status, exported.body], [202, { accepted: 1 }])
    await accepted(4)
  })

  it('takes a request once, however often it comes', async () => {
    const headers = { 'idempotency-key': 'once' }
    assert.equal((await send(lines(call), { headers })).status, 202)
    const again = await send(lines(call), { headers })
    assert.deepEqual([again.status, again.headers.get('idempotent-replay')], [202, 'true'])
    assert.equal((await send(lines(call))).status, 202)
    await accepted(6)
  })

  it('refuses what is too long, and who it does not know', async () => {
    assert.equal((await send('x'.repeat(700_001))).status, 413)
    assert.equal((await send(lines(call), { token: 'mw_nobody' })).status, 401)
  })

  it('keeps a revocation of a sender of traffic as a reject, and takes one of who may send it', async () => {
    assert.equal((await send(lines(revocation, call), { token: TOKENS.proxy })).status, 202)
    assert.equal((await send(lines(revocation))).status, 202)
    await accepted(8)
    await eventually(async () =>
      (await metric('rejects_total{reason="not-permitted"}')) === 1 ? true : undefined,
    )
    assert.equal(await metric('entities{kind="credential"}'), 1)
  })

  it('asks senders to wait when the journal is full', async () => {
    const long = lines({ ...call, operation: 'x'.repeat(600_000) })
    let stored = 0
    while ((await send(long)).status === 202) stored++
    const full = await send(lines(call))
    assert.deepEqual(
      [full.status, full.body.code, full.headers.get('retry-after')],
      [429, 'journal-full', '5'],
    )
    await accepted(8 + stored)
  })

  it('shows on its other ports that it lives, that it can work, and what it was asked', async () => {
    assert.equal((await fetch(`${addresses.api}/livez`)).status, 200)
    assert.equal((await fetch(`${addresses.api}/readyz`)).status, 200)
    assert.equal(await metric('ready'), 1)
    assert.equal(await metric('api_requests_total{route="/livez",code_class="2xx"}'), 1)
    assert.ok((await metric('api_requests_total{route="/v1/logs",code_class="4xx"}')) >= 3)
    assert.ok(Number.isNaN(await metric('api_requests_total{route="other"')))
  })

  it('has forgotten nothing that it accepted, and keeps no journal of what it has analysed', async () => {
    run.process.kill('SIGTERM')
    assert.equal(await run.ended, 0)
    const database = new DatabaseSync(join(folder, 'meshwatch-data/meshwatch.db'))
    assert.equal(database.prepare('SELECT count(*) AS blocks FROM intake').get()?.blocks, 0)
    assert.deepEqual(
      database
        .prepare('SELECT source, reason FROM rejects')
        .all()
        .map((row) => ({ ...row })),
      [{ source: 'http:proxy', reason: 'not-permitted' }],
    )
    database.close()
  })
})
