import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { intakeRecords } from '../../collector/intake.ts'
import type { RouteReply } from '../../domain/route.ts'
import { intakeRoute } from '../../io/intake-route.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { sqliteJournal } from '../../io/sqlite-journal.ts'
import { journalStdin } from '../../io/stdin.ts'

const OTLP = 'application/json'

function textsOf(body: string | Uint8Array, contentType: string) {
  const records = intakeRecords({ bytes: Buffer.from(body), contentType })
  assert.ok(!('status' in records), JSON.stringify(records))
  return records.map(({ bytes }) => Buffer.from(bytes).toString())
}

const otlp = (...logRecords: readonly unknown[]) =>
  JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
const attribute = (key: string, value: unknown) => ({ key, value })

test('a body of lines gives each line, without regard to what it holds', () => {
  const many = Array.from({ length: 5000 }, (_, index) => `{"line":${index},"text":"é"}`)
  assert.deepEqual(textsOf(many.join('\r\n'), 'Application/X-NDJSON; charset=utf-8'), many)
  assert.deepEqual(textsOf('\n\n not json \n', 'text/plain'), [' not json '])
})

test('captured OTLP requests give one record a call, with its attributes as fields', () => {
  const lines = readFileSync('test/fixtures/otlp/envoy-als.jsonl', 'utf8').trim().split('\n')
  const records = lines.flatMap((line) => textsOf(line, OTLP)).map((text) => JSON.parse(text))
  const expected = lines.flatMap((line) => JSON.parse(line).resourceLogs[0].scopeLogs[0].logRecords)
  assert.ok(expected.length >= 3)
  assert.equal(records.length, expected.length)
  const [first] = records
  assert.equal(first.timeUnixNano, '1795352713680014000')
  assert.equal(first.body, '"GET /entries/2 HTTP/2" 200 - 4')
  assert.equal(first.downstream_peer_uri_san, 'spiffe://mesh.lab/ns/shop/sa/pay')
  assert.equal(first.resource['service.name'], 'ledger-inbound')
})

test('an OTLP body that is itself a record is taken as it is', () => {
  const file = [attribute('log.file.name', { stringValue: 'access.log' })]
  const attributes = [attribute('a', { stringValue: 'b' })]
  const body = (stringValue: string) => ({ stringValue })
  const records = textsOf(
    otlp(
      { body: body('{"kind":"call"}'), attributes },
      { body: body('[2031-05-01] "GET /"'), attributes: file },
      { body: { kvlistValue: { values: [attribute('kind', body('call'))] } }, attributes },
      { body: body('summary'), attributes },
    ),
    OTLP,
  )
  const own = JSON.stringify({ body: 'summary', resource: {}, a: 'b' })
  assert.deepEqual(records, ['{"kind":"call"}', '[2031-05-01] "GET /"', '{"kind":"call"}', own])
})

test('every kind of OTLP value becomes plain JSON', () => {
  const kv = (...values: readonly unknown[]) => ({ kvlistValue: { values } })
  const attributes = [
    attribute('integer', { intValue: '42' }),
    attribute('beyond', { intValue: '9007199254740993' }),
    attribute('double', { doubleValue: 1.5 }),
    attribute('yes', { boolValue: true }),
    attribute('list', {
      arrayValue: { values: [{ intValue: 1 }, kv(attribute('in', { stringValue: 'x' }))] },
    }),
    attribute('empty', { arrayValue: {} }),
    attribute('__proto__', { stringValue: 'p' }),
    attribute('nothing', {}),
  ]
  assert.deepEqual(
    JSON.parse(textsOf(otlp({ attributes }), OTLP)[0]),
    JSON.parse(
      `{"resource":{},"integer":42,"beyond":"9007199254740993","double":1.5,"yes":true,
        "list":[1,{"in":"x"}],"empty":[],"__proto__":"p"}`,
    ),
  )
})

const DEEP = `{"resourceLogs":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
for (const [name, body, pointer] of [
  ['no JSON', '{"resourceLogs":', undefined],
  ['not an export', '{"kind":"call"}', ''],
  [
    'a wrong shape inside',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":{}}]}]}',
    '/resourceLogs/0/scopeLogs/0/logRecords',
  ],
  ['nested too deep', DEEP, undefined],
] as const) {
  test(`OTLP that is ${name} is refused as a whole, with the place`, () => {
    const problem = intakeRecords({ bytes: Buffer.from(body), contentType: OTLP })
    assert.ok('status' in problem)
    assert.deepEqual([problem.status, problem.code], [400, 'invalid-otlp'])
    assert.equal(problem.errors?.[0].pointer, pointer)
  })
}

interface Sent {
  readonly body: string | Uint8Array
  readonly headers?: Record<string, string>
}

/** An intake with room for little, and what it answers. */
function intake({ maxJournalBytes = 1000 } = {}) {
  const journal = sqliteJournal(openDatabase(':memory:'))
  const route = intakeRoute({ journal, now: () => 0, maxBodyBytes: 500, maxJournalBytes })
  const send = ({ body, headers = {} }: Sent): Promise<RouteReply> =>
    route.handle({
      id: '1',
      requester: { name: 'edge', permissions: ['send'] },
      params: undefined,
      query: undefined,
      body: undefined,
      bytes: Buffer.from(body),
      headers: { 'content-type': 'text/plain', ...headers },
    })
  const stored = async () =>
    (await journal.read('http:edge', 0, 100)).map(({ bytes }) => Buffer.from(bytes).toString())
  return { journal, send, stored }
}

const statusOf = (reply: RouteReply) => ('problem' in reply ? reply.problem.status : reply.status)

test('accepted records are in the journal, under the name of the token', async () => {
  const { send, stored } = intake()
  assert.deepEqual(await send({ body: 'one\ntwo\n' }), { status: 202, body: { accepted: 2 } })
  assert.deepEqual(await stored(), ['one', 'two'])
})

test('a request with a known key is accepted again and appends nothing', async () => {
  const { send, stored } = intake()
  const request = { body: 'one\n', headers: { 'idempotency-key': 'k' } }
  await send(request)
  assert.deepEqual(await send(request), {
    status: 202,
    body: { accepted: 1 },
    headers: { 'idempotent-replay': 'true' },
  })
  assert.deepEqual(await stored(), ['one'])
})

test('compressed bodies are read, and are no way around the limit', async () => {
  const { send, stored } = intake()
  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    const headers = { 'content-encoding': encoding }
    assert.equal(statusOf(await send({ body: compress(Buffer.from(encoding)), headers })), 202)
    assert.equal(statusOf(await send({ body: compress(Buffer.alloc(10_000_000)), headers })), 413)
    assert.equal(statusOf(await send({ body: 'not compressed', headers })), 400)
  }
  assert.equal(statusOf(await send({ body: 'x', headers: { 'content-encoding': 'toString' } })), 415)
  assert.deepEqual(await stored(), ['gzip', 'zstd'])
})

test('a full journal asks to wait, until it is trimmed', async () => {
  const { journal, send } = intake({ maxJournalBytes: 5 })
  await send({ body: '12345' })
  const reply = await send({ body: 'more' })
  assert.equal(statusOf(reply), 429)
  assert.match(reply.headers?.['retry-after'] ?? '', /^\d+$/)
  await journal.trim('http:edge', 100)
  assert.equal(statusOf(await send({ body: 'more' })), 202)
})

test('an unknown content type is refused and nothing is stored', async () => {
  const { send, stored } = intake()
  const reply = await send({ body: 'x', headers: { 'content-type': 'application/x-protobuf' } })
  assert.equal(statusOf(reply), 415)
  assert.deepEqual(await stored(), [])
})

test('standard input goes into the journal line by line, and waits while that is full', async () => {
  const { journal } = intake()
  let pauses = 0
  const pause = async () => {
    pauses++
    await journal.trim('stdin', Number.MAX_SAFE_INTEGER)
  }
  async function* input() {
    yield Buffer.from('first li')
    yield Buffer.from('ne\nsecond\nth')
    yield Buffer.from('ird')
  }
  await journalStdin(input(), { journal, now: () => 0, maxJournalBytes: 12, pause })
  assert.equal(pauses, 1)
  const rows = await journal.read('stdin', 0, 10)
  assert.deepEqual(
    rows.map(({ bytes }) => Buffer.from(bytes).toString()),
    ['third'],
  )
})
