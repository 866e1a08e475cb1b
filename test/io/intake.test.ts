import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { IntakeJournal } from '../../domain/ports.ts'
import type { RouteReply } from '../../domain/route.ts'
import { intakeLines } from '../../io/intake.ts'
import { intakeRoute } from '../../io/intake-route.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { sqliteJournal } from '../../io/sqlite-journal.ts'
import { journalStdin } from '../../io/stdin.ts'

const OTLP = 'application/json'

async function textsOf(body: string, contentType: string) {
  const lines = await intakeLines(Buffer.from(body), contentType)
  assert.ok(!('status' in lines), JSON.stringify(lines))
  const texts = Buffer.from(lines.bytes).toString().split('\n')
  assert.equal(texts.pop(), '')
  assert.equal(texts.length, lines.count)
  return texts
}

const otlp = (...logRecords: readonly unknown[]) =>
  JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
const attribute = (key: string, value: unknown) => ({ key, value })

test('a body of lines is taken as it is, and ends in a newline', async () => {
  const lines = ['{"line":1,"text":"é"}', ' not json ', '', 'last\r']
  assert.deepEqual(await textsOf(lines.join('\n'), 'Application/X-NDJSON; charset=utf-8'), lines)
  assert.deepEqual(await textsOf('one\n', 'text/plain'), ['one'])
  assert.deepEqual(await textsOf('', 'text/plain'), [])
})

test('captured OTLP requests give one record a call, with its attributes as fields', async () => {
  const lines = readFileSync('test/fixtures/otlp/envoy-als.jsonl', 'utf8').trim().split('\n')
  const texts = await Promise.all(lines.map((line) => textsOf(line, OTLP)))
  const records = texts.flat().map((text) => JSON.parse(text))
  const expected = lines.flatMap((line) => JSON.parse(line).resourceLogs[0].scopeLogs[0].logRecords)
  assert.ok(expected.length >= 3)
  assert.equal(records.length, expected.length)
  const [first] = records
  assert.equal(first.timeUnixNano, '1795352713680014000')
  assert.equal(first.body, '"GET /entries/2 HTTP/2" 200 - 4')
  assert.equal(first.downstream_peer_uri_san, 'spiffe://mesh.lab/ns/shop/sa/pay')
  assert.equal(first.resource['service.name'], 'ledger-inbound')
})

test('an OTLP body that is itself a record is taken as it is', async () => {
  const file = [attribute('log.file.name', { stringValue: 'access.log' })]
  const attributes = [attribute('a', { stringValue: 'b' })]
  const body = (stringValue: string) => ({ stringValue })
  const records = await textsOf(
    otlp(
      { body: body('{"kind":"call"}'), attributes },
      { body: body('[2031-05-01] "GET /"'), attributes: file },
      { body: { kvlistValue: { values: [attribute('kind', body('call'))] } }, attributes },
      { body: body('summary'), attributes },
      { body: body('{\n  "kind": "call"\n}'), attributes },
    ),
    OTLP,
  )
  const own = JSON.stringify({ body: 'summary', resource: {}, a: 'b' })
  assert.deepEqual(records, [
    '{"kind":"call"}',
    '[2031-05-01] "GET /"',
    '{"kind":"call"}',
    own,
    '{   "kind": "call" }',
  ])
})

test('every kind of OTLP value becomes plain JSON', async () => {
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
    JSON.parse((await textsOf(otlp({ attributes }), OTLP))[0]),
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
  test(`OTLP that is ${name} is refused as a whole, with the place`, async () => {
    const problem = await intakeLines(Buffer.from(body), OTLP)
    assert.ok('status' in problem)
    assert.deepEqual([problem.status, problem.code], [400, 'invalid-otlp'])
    assert.equal(problem.errors?.[0].pointer, pointer)
  })
}

test('more OTLP records or values than a batch can sensibly have are refused', async () => {
  const many = otlp(...Array.from({ length: 20_001 }, () => ({})))
  for (const body of [many, `{"resourceLogs":[${'{},'.repeat(400_000)}{}]}`]) {
    const problem = await intakeLines(Buffer.from(body), OTLP)
    assert.ok('status' in problem)
    assert.deepEqual([problem.status, problem.code], [413, 'too-many-records'])
  }
})

test('a large resource that many records would repeat is refused', async () => {
  const resource = { attributes: [attribute('a', { stringValue: 'x'.repeat(1_000_000) })] }
  const logRecords = Array.from({ length: 100 }, () => ({}))
  const problem = await intakeLines(
    Buffer.from(JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] })),
    OTLP,
  )
  assert.ok('status' in problem)
  assert.deepEqual([problem.status, problem.code], [413, 'too-many-records'])
})

test('while a large OTLP request is written, other work has its turn', async () => {
  const body = Buffer.from(
    otlp(...Array.from({ length: 10_000 }, (_, i) => ({ body: { stringValue: `${i}` } }))),
  )
  let turns = 0
  let isDone = false
  const other = () => {
    turns++
    if (!isDone) setImmediate(other)
  }
  other()
  const lines = await intakeLines(body, OTLP)
  isDone = true
  assert.ok('count' in lines && lines.count === 10_000)
  assert.ok(turns > 10, `${turns} turns`)
})

test('OTLP requests are written one after the other', async () => {
  const body = Buffer.from(otlp(...Array.from({ length: 5000 }, () => ({ body: { stringValue: 'x' } }))))
  const ended: number[] = []
  const small = Buffer.from(otlp({ body: { stringValue: 'x' } }))
  await Promise.all([body, small].map((each, i) => intakeLines(each, OTLP).then(() => ended.push(i))))
  assert.deepEqual(ended, [0, 1])
})

interface Sent {
  readonly body: string | Uint8Array
  readonly headers?: Record<string, string>
}

async function textIn(journal: IntakeJournal, source: string) {
  const block = await journal.read(source, 0)
  return Buffer.from(block?.bytes ?? []).toString()
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
  const stored = async () => textIn(journal, 'http:edge')
  return { journal, send, stored }
}

const statusOf = (reply: RouteReply) => ('problem' in reply ? reply.problem.status : reply.status)

test('accepted records are in the journal, under the name of the token', async () => {
  const { send, stored } = intake()
  assert.deepEqual(await send({ body: 'one\ntwo\n' }), { status: 202, body: { accepted: 2 } })
  assert.equal(await stored(), 'one\ntwo\n')
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
  assert.equal(await stored(), 'one\n')
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
  assert.equal(await stored(), 'gzip\nzstd\n')
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
  assert.equal(await stored(), '')
})

/** Standard input in these pieces, into a journal that is emptied when it is full. */
async function pipe(pieces: readonly string[], limits = { maxJournalBytes: 1000, maxRecordBytes: 1000 }) {
  const { journal } = intake()
  let pauses = 0
  const pause = async () => {
    pauses++
    await journal.trim('stdin', Number.MAX_SAFE_INTEGER)
  }
  async function* input() {
    for (const piece of pieces) yield Buffer.from(piece)
  }
  await journalStdin(input(), { journal, now: () => 0, pause, ...limits })
  return { stored: (await textIn(journal, 'stdin')).trim(), pauses }
}

test('standard input goes into the journal, its last line ended', async () => {
  assert.equal((await pipe(['first li', 'ne\nsecond\nth', 'ird'])).stored, 'first line\nsecond\nthird')
})

test('standard input waits while the journal is full', async () => {
  const { stored, pauses } = await pipe(['12345678\n', 'later\n'], {
    maxJournalBytes: 9,
    maxRecordBytes: 1000,
  })
  assert.deepEqual([stored, pauses], ['later', 1])
})

test('a line without an end keeps one byte more than the limit, its neighbours all', async () => {
  const limits = { maxJournalBytes: 1000, maxRecordBytes: 10 }
  const { stored } = await pipe(['before\n1234', '5678', '90abc', 'def', 'g\nafter\nlast'], limits)
  assert.equal(stored, 'before\n1234567890a\nafter\nlast')
})
