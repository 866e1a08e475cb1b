import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { Compile } from 'typebox/compile'
import { type Alerter, startAlerter } from '../alerter/main.ts'
import { openApiText } from '../docs/openapi.ts'
import { defineRoute, type Route } from '../domain/route.ts'
import { hmacHex, sha256Hex } from '../io/hash.ts'
import { ROLE_PERMISSIONS } from '../io/http-access.ts'
import type { NotReady } from '../io/http-probes.ts'
import { type HttpServer, type HttpSetup, openHttpServer } from '../io/http-server.ts'
import { openDatabase } from '../io/sqlite.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'
import { finding, START } from './alerter/sample.ts'

const WALL = Date.UTC(2026, 5, 1)
const servers: HttpServer[] = []
after(() => Promise.all(servers.map((server) => server.close())))

const TOKENS = (['viewer', 'responder'] as const).map((role) => ({
  name: `the-${role}`,
  sha256: sha256Hex(`mw_${role}`),
  permissions: ROLE_PERMISSIONS[role],
}))

function newAlerter() {
  const store = new SqliteIncidents(openDatabase(':memory:'))
  const alerter = startAlerter({
    store,
    endpoints: [],
    options: {
      quietMinutes: 60,
      certainQuietHours: 24,
      agreementMinutes: 60,
      inFlightPerEndpoint: 1,
      attemptSeconds: 15,
    },
    send: async () => ({ outcome: 'delivered' }),
    sha256Hex,
    hmacHex: (text) => hmacHex(new Uint8Array(32), text),
    clock: () => WALL,
    dice: () => 0,
    onChange: () => {},
    onAttempt: () => {},
  })
  return { store, alerter }
}

async function serve(routes: readonly Route[], changed: Partial<HttpSetup> = {}) {
  const errors: Error[] = []
  const server = await openHttpServer({
    routes,
    tokens: TOKENS,
    version: '0.0.0',
    notReady: () => [],
    onAnswer: () => {},
    onError: (error) => errors.push(error),
    ...changed,
  })
  servers.push(server)
  const port = await server.listen({ host: '127.0.0.1', port: 0 })
  const call = async (method: string, path: string, sent: Sent = {}) => {
    const { as = 'responder', body, headers } = sent
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        ...(as !== 'nobody' && { authorization: `Bearer mw_${as}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
  return { call, server, port, errors }
}

interface Sent {
  readonly as?: 'viewer' | 'responder' | 'nobody' | 'stranger'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof serve>>['call']>>

function assertProblem(answer: Answer, status: number, code: string) {
  assert.deepEqual([answer.status, answer.body.code], [status, code])
  assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  assert.equal(answer.body.status, status)
  assert.equal(answer.body.type, `urn:meshwatch:problem:${code}`)
  assert.equal(answer.body.requestId, answer.headers.get('x-request-id'))
  assert.ok(answer.body.title && answer.body.detail)
}

async function open(alerter: Alerter, id: string, changed: Parameters<typeof finding>[1] = {}) {
  const { updates } = await alerter.accept([finding(id, { caller: id, ...changed })])
  return updates.find(({ before }) => before === undefined)!.after.id
}

test('one incident is shown with evidence, explanation, deliveries and its version as the entity tag', async () => {
  const { alerter } = newAlerter()
  const { call } = await serve(alerter.routes)
  const id = await open(alerter, 'f1')
  const answer = await call('GET', `/v1/incidents/${id}`, { as: 'viewer' })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('etag'), '"1"')
  assert.equal(answer.body.findings[0].evidence[0].line, 12)
  assert.deepEqual(answer.body.explanation, {
    reasons: ['f1 called shop/ledger for the first time'],
    nextSteps: ['ask the owner of the caller'],
  })
  const shape = alerter.routes.find(({ operationId }) => operationId === 'getIncident')!.schema.response[200]
  assert.ok(Compile(shape).Check(answer.body))
  for (const [name, value] of [
    ['x-content-type-options', 'nosniff'],
    ['cache-control', 'no-store'],
  ])
    assert.equal(answer.headers.get(name), value)
})

test('what is not there is 404, whatever the id looks like', async () => {
  const { call } = await serve(newAlerter().alerter.routes)
  assertProblem(await call('GET', `/v1/incidents/${'0'.repeat(32)}`), 404, 'no-such-incident')
  for (const path of ['/v1/incidents/x', '/v1/incidents/..%2f..%2fetc', '/', '/v2'])
    assertProblem(await call('GET', path), 404, 'not-found')
})

test('the list is filtered, and its pages follow each other without gap or repeat', async () => {
  const { alerter } = newAlerter()
  const { call } = await serve(alerter.routes)
  for (const n of [0, 1, 2, 3, 4]) await open(alerter, `f${n}`, { end: START + n, callee: `callee-${n}` })
  await open(alerter, 'high', { severity: 'high', detector: 'volume', end: START + 9, callee: 'other' })
  const callers: string[] = []
  let path = '/v1/incidents?severity=medium&state=open&state=acknowledged&limit=2'
  for (let pages = 0; path !== ''; pages++) {
    assert.ok(pages < 3)
    const { body, status } = await call('GET', path)
    assert.equal(status, 200, JSON.stringify(body))
    callers.push(...body.incidents.map((each: { callers: string[] }) => each.callers[0]))
    path = body.next
      ? `/v1/incidents?severity=medium&state=acknowledged&state=open&limit=2&cursor=${body.next}`
      : ''
  }
  assert.deepEqual(callers, ['f4', 'f3', 'f2', 'f1', 'f0'])
  const found = async (query: string) => (await call('GET', `/v1/incidents?${query}`)).body.incidents.length
  assert.equal(await found('detector=volume'), 1)
  assert.equal(await found('identity=callee-3'), 1)
  assert.equal(await found(`since=${START + 4}&until=${new Date(START + 8).toISOString()}`), 1)
  assert.equal(await found('state=resolved'), 0)
})

test('pages follow each other where logs write parts of a millisecond', async () => {
  const { alerter } = newAlerter()
  const { call } = await serve(alerter.routes)
  for (const part of [0.25, 0.5, 0.75]) await open(alerter, `f${part}`, { end: START + part })
  const callers: string[] = []
  for (let next: string | undefined = ''; next !== undefined; ) {
    const { status, body } = await call('GET', `/v1/incidents?limit=1${next && `&cursor=${next}`}`)
    assert.equal(status, 200, JSON.stringify(body))
    callers.push(body.incidents[0].callers[0])
    next = body.next
  }
  assert.deepEqual(callers, ['f0.75', 'f0.5', 'f0.25'])
})

test('a cursor that was changed, or belongs to another list, is refused', async () => {
  const { alerter } = newAlerter()
  const { call } = await serve(alerter.routes)
  for (const n of [0, 1]) await open(alerter, `f${n}`, { end: START + n })
  const { next } = (await call('GET', '/v1/incidents?limit=1')).body
  assert.equal((await call('GET', `/v1/incidents?limit=1&cursor=${next}`)).status, 200)
  const changed = next.replace(/^\d/, (digit: string) => String((Number(digit) + 1) % 10))
  for (const query of [`cursor=${changed}`, `cursor=${next}&state=open`, 'cursor=x', 'cursor='])
    assertProblem(await call('GET', `/v1/incidents?limit=1&${query}`), 400, 'invalid-cursor')
})

for (const query of [
  'limit=0',
  'limit=-1',
  'limit=201',
  'limit=1e9',
  'limit=x',
  'state=gone',
  'sort=id',
  'detector=%27',
]) {
  test(`a list with ${query} is refused`, async () => {
    const { call } = await serve(newAlerter().alerter.routes)
    assertProblem(await call('GET', `/v1/incidents?${query}`), 400, 'invalid-query')
  })
}

test('a time that is none is refused', async () => {
  const { call } = await serve(newAlerter().alerter.routes)
  for (const time of ['2026-02-30T00:00:00Z', 'yesterday', '999999999999999'])
    assertProblem(await call('GET', `/v1/incidents?since=${time}`), 400, 'invalid-time')
})

test('a change needs the version that was seen', async () => {
  const { alerter } = newAlerter()
  const { call } = await serve(alerter.routes)
  const path = `/v1/incidents/${await open(alerter, 'f1')}/acknowledge`
  assertProblem(await call('POST', path), 428, 'if-match-required')
  for (const tag of ['"7"', 'W/"1"', '1', 'garbage'])
    assertProblem(await call('POST', path, { headers: { 'if-match': tag } }), 412, 'version-changed')
  const answer = await call('POST', path, { headers: { 'if-match': '"9", "1"' }, body: { reason: 'on it' } })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('etag'), '"2"')
  assert.equal(answer.body.state, 'acknowledged')
  assert.deepEqual(answer.body.transitions.at(-1), {
    time: WALL,
    state: 'acknowledged',
    by: 'the-responder',
    reason: 'on it',
  })
  assertProblem(await call('POST', path, { headers: { 'if-match': '*' } }), 409, 'already-acknowledged')
})

test('resolved is resolved; a comment may still be left', async () => {
  const { alerter } = newAlerter()
  const { call } = await serve(alerter.routes)
  const path = `/v1/incidents/${await open(alerter, 'f1')}`
  const headers = { 'if-match': '*' }
  assert.equal((await call('POST', `${path}/resolve`, { headers })).body.state, 'resolved')
  for (const step of ['resolve', 'acknowledge'])
    assertProblem(await call('POST', `${path}/${step}`, { headers }), 409, 'already-resolved')
  const answer = await call('POST', `${path}/comments`, { headers, body: { text: 'was a drill' } })
  assert.deepEqual(answer.body.comments, [{ time: WALL, author: 'the-responder', text: 'was a drill' }])
  assert.equal(answer.headers.get('etag'), '"2"')
})

test('what is marked as expected becomes a decision and resolves the incident', async () => {
  const { alerter, store } = newAlerter()
  const { call } = await serve(alerter.routes)
  const path = `/v1/incidents/${await open(alerter, 'f1')}/expected`
  const headers = { 'if-match': '"1"' }
  const foreign = { reason: 'planned', callee: 'somebody else' }
  assertProblem(await call('POST', path, { headers, body: foreign }), 422, 'foreign-callee')
  assertProblem(await call('POST', path, { headers, body: {} }), 422, 'invalid-body')
  assert.deepEqual(await store.decisionsFrom(0, 9), [])
  const body = { reason: 'planned', callee: 'shop/ledger', expiresInMs: 3_600_000 }
  assert.equal((await call('POST', path, { headers, body })).body.state, 'resolved')
  const [{ decision }, ...more] = await store.decisionsFrom(0, 9)
  assert.deepEqual(more, [])
  assert.deepEqual(decision, {
    decision: 'expected',
    caller: 'f1',
    callee: 'shop/ledger',
    author: 'the-responder',
    reason: 'planned',
    time: WALL,
    expiresAt: WALL + 3_600_000,
  })
})

test('a body that does not fit is refused as a whole, with the place of each mistake', async () => {
  const { alerter } = newAlerter()
  const { call } = await serve(alerter.routes)
  const path = `/v1/incidents/${await open(alerter, 'f1')}`
  const headers = { 'if-match': '"1"' }
  for (const [step, body, pointer] of [
    ['acknowledge', { state: 'resolved' }, '/state'],
    ['comments', { text: 7 }, '/text'],
    ['comments', { text: '' }, '/text'],
    ['comments', [], ''],
  ] as const) {
    const answer = await call('POST', `${path}/${step}`, { headers, body })
    assertProblem(answer, 422, 'invalid-body')
    assert.equal(answer.body.errors[0].pointer, pointer)
  }
  for (const body of ['{', '', 'null x', '{"__proto__": {"a": 1}}'])
    assertProblem(await call('POST', `${path}/comments`, { headers, body }), 400, 'invalid-json')
  const huge = { text: 'x'.repeat(1_100_000) }
  assertProblem(await call('POST', `${path}/comments`, { headers, body: huge }), 413, 'body-too-large')
  const text = { ...headers, 'content-type': 'text/plain' }
  assertProblem(
    await call('POST', `${path}/comments`, { headers: text, body: 'x' }),
    415,
    'unsupported-media-type',
  )
  assert.equal((await call('GET', path)).body.revision, 1)
})

test('without a token nothing is shown, and a viewer changes nothing', async () => {
  const { alerter } = newAlerter()
  const { call } = await serve(alerter.routes)
  const id = await open(alerter, 'f1')
  for (const route of alerter.routes) {
    const path = route.url.replace(':id', id)
    for (const as of ['nobody', 'stranger'] as const) {
      const answer = await call(route.method, path, { as })
      assertProblem(answer, 401, 'token-required')
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
    }
    const answer = await call(route.method, path, { as: 'viewer' })
    if (route.method === 'GET') assert.equal(answer.status, 200)
    else assertProblem(answer, 403, 'not-permitted')
  }
  for (const authorization of [
    'Bearer',
    'Basic bXc6',
    `Bearer ${'x'.repeat(4000)}`,
    `Bearer ${TOKENS[0].sha256}`,
  ])
    assertProblem(await call('GET', '/v1/incidents', { headers: { authorization } }), 401, 'token-required')
})

test('without tokens only loopback listens, and only for loopback names', async () => {
  const { alerter } = newAlerter()
  const { call, server, port } = await serve(alerter.routes, { tokens: [] })
  assert.equal((await call('GET', '/v1/incidents', { as: 'nobody' })).status, 200)
  const answer = await raw(
    port,
    'GET /v1/incidents HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
  )
  assert.match(answer, /^HTTP\/1\.1 403[\s\S]*foreign-host/)
  await assert.rejects(server.listen({ host: '0.0.0.0', port: 0 }), {
    code: 'listen-unprotected',
    message: /run "meshwatch token"/,
  })
})

test('an address that cannot be read is a problem like any other, and is not repeated', async () => {
  const { call } = await serve(newAlerter().alerter.routes)
  for (const [path, status] of [
    ['/v1/incidents/%ff%zz', 400],
    [`/v1/incidents/${'a'.repeat(200)}`, 414],
  ] as const) {
    const answer = await call('GET', path)
    assertProblem(answer, status, 'invalid-request')
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    assert.ok(!JSON.stringify(answer.body).includes(path.slice(-20)))
  }
})

test('what is no HTTP is answered by a problem, and the server goes on', async () => {
  const { call, port } = await serve([])
  assert.match(await raw(port, 'NONSENSE\r\n\r\n'), /^HTTP\/1\.1 400[\s\S]*application\/problem\+json/)
  const long = `GET / HTTP/1.1\r\nHost: localhost\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`
  assert.match(await raw(port, long), /^HTTP\/1\.1 431/)
  assert.equal((await call('GET', '/livez', { as: 'nobody' })).status, 200)
})

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (bytes) => {
      answer += bytes
    })
    socket.on('close', () => resolve(answer)).on('error', reject)
  })
}

test('the probes are open to everybody and name what is missing', async () => {
  const reasons: NotReady[] = []
  const { call } = await serve([], { notReady: () => reasons })
  assert.deepEqual((await call('GET', '/livez', { as: 'nobody' })).body, { live: true })
  assert.deepEqual((await call('GET', '/readyz', { as: 'nobody' })).body, { ready: true, reasons: [] })
  reasons.push({ reason: 'store-full', detail: 'no space left' })
  const answer = await call('GET', '/readyz', { as: 'nobody' })
  assert.deepEqual([answer.status, answer.body], [503, { ready: false, reasons }])
})

test('an error of ours is told to the log, and to the client only by its request id', async () => {
  const broken = defineRoute({
    method: 'GET',
    url: '/v1/broken',
    permission: 'view',
    operationId: 'broken',
    summary: 'fails',
    schema: { response: {} },
    handle: async () => {
      throw new Error('password=hunter2')
    },
  })
  const { call, errors } = await serve([broken])
  const answer = await call('GET', '/v1/broken')
  assertProblem(answer, 500, 'internal')
  assert.ok(!JSON.stringify(answer.body).includes('hunter2'))
  assert.equal(errors[0].message, 'password=hunter2')
})

test('a route that takes bytes gets them as they are, whatever the content type says of JSON', async () => {
  const bytes = defineRoute({
    method: 'POST',
    url: '/v1/bytes',
    permission: 'send',
    operationId: 'bytes',
    summary: 'takes bytes',
    schema: { response: {} },
    acceptsBytes: ['application/json', 'application/x-ndjson'],
    bodyLimitBytes: 10,
    handle: async (request) => ({
      status: 202,
      body: { text: new TextDecoder().decode(request.bytes), by: request.requester.name },
    }),
  })
  const sender = { name: 'shop', sha256: sha256Hex('mw_responder'), permissions: ['send'] as const }
  const { call } = await serve([bytes], { tokens: [sender] })
  const send = (type: string, body: string) =>
    call('POST', '/v1/bytes', { body, headers: { 'content-type': type } })
  assert.deepEqual((await send('application/json', '{not json')).body, { text: '{not json', by: 'shop' })
  assert.equal((await send('application/x-ndjson; charset=utf-8', '{}\n{}')).status, 202)
  assertProblem(await send('text/plain', 'x'), 415, 'unsupported-media-type')
  assertProblem(await send('application/json', '01234567890'), 413, 'body-too-large')
})

test('the OpenAPI document is served, names every route, and is the one that is checked in', async () => {
  const { alerter } = newAlerter()
  const { call, server } = await serve(alerter.routes)
  const { body } = await call('GET', '/v1/openapi.json', { as: 'nobody' })
  assert.equal(body.openapi, '3.1.0')
  assert.deepEqual(body, JSON.parse(JSON.stringify(server.document())))
  const named = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const routes = alerter.routes.map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`)
  assert.deepEqual(named.toSorted(), ['GET /livez', 'GET /readyz', ...routes].toSorted())
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  const kept = readFileSync('docs/reference/openapi.json', 'utf8')
  assert.equal(kept, await openApiText(version), 'run "npm run docs"')
})

test('a store that is away is no fault of the request: it may be sent again', async () => {
  for (const code of ['ERR_SQLITE_ERROR', 'redis-unreachable', 'redis-refused']) {
    const failed = Object.assign(new Error('redis at 10.0.0.1 does not answer'), { code })
    const handle = () => Promise.reject(failed)
    const { call, errors } = await serve([{ ...newAlerter().alerter.routes[0], handle }])
    const answer = await call('GET', '/v1/incidents')
    assertProblem(answer, 503, 'store-unavailable')
    assert.ok(!JSON.stringify(answer.body).includes('10.0.0.1'))
    assert.deepEqual(errors, [failed])
  }
})

test('a parameter that does not fit is answered with what does', async () => {
  const { call } = await serve(newAlerter().alerter.routes)
  const told = async (query: string) => {
    const { body } = await call('GET', `/v1/incidents?${query}`)
    return body.errors.map(({ pointer, detail }: Record<string, string>) => `${pointer} ${detail}`)
  }
  assert.ok((await told('state=shut')).includes('/state must be "acknowledged"'))
  assert.ok((await told('status=open')).includes('/status is not known here'))
})
