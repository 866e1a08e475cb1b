import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { after, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { isPublicAddress } from '../../io/address.ts'
import { type OutgoingRequest, sendWebhook } from '../../io/webhook-client.ts'
import { startWebhookReceiver } from '../../io/webhook-receiver.ts'
import { SELF_SIGNED } from './self-signed.ts'

const secret = () => `whsec_${randomBytes(32).toString('base64')}`
const SECRET = secret()
const servers: { close(): void }[] = []
after(() => {
  for (const server of servers) server.close()
})

async function listening(server: Server): Promise<string> {
  servers.push({
    close: () => {
      server.close()
      if ('closeAllConnections' in server) (server.closeAllConnections as () => void)()
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const serve = async (listener: RequestListener) => `http://${await listening(createServer(listener))}/hook`

function outgoing(url: string, changed: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    id: 'd1',
    url,
    headers: { 'content-type': 'application/json' },
    body: '{"type":"incident.opened"}',
    secrets: [SECRET],
    allowHttp: false,
    allowPrivate: false,
    deadlineMs: 5000,
    ...changed,
  }
}

test('every attempt carries the same id and a signature that the reference library accepts', async () => {
  const seen: { headers: Record<string, string>; body: string }[] = []
  const url = await serve(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen.push({ headers: request.headers as Record<string, string>, body })
    response.writeHead(seen.length === 1 ? 503 : 200, { 'retry-after': '7' }).end()
  })
  const [oldSecret, newSecret] = [secret(), secret()]
  const request = outgoing(url, { secrets: [newSecret, oldSecret] })
  assert.deepEqual(await sendWebhook(request), { outcome: 'status-5xx', status: 503, retryAfter: '7' })
  assert.equal((await sendWebhook(request)).outcome, 'delivered')
  assert.deepEqual(
    seen.map(({ headers }) => headers['webhook-id']),
    ['d1', 'd1'],
  )
  for (const { headers, body } of seen) {
    assert.deepEqual(new Webhook(oldSecret).verify(body, headers), { type: 'incident.opened' })
    assert.deepEqual(new Webhook(newSecret).verify(body, headers), { type: 'incident.opened' })
    assert.throws(() => new Webhook(secret()).verify(body, headers))
    assert.throws(() => new Webhook(oldSecret).verify(`${body} `, headers))
  }
})

for (const status of [301, 302, 307, 308]) {
  test(`a ${status} to loopback is not followed`, async () => {
    let followed = 0
    const target = await serve((_, response) => {
      followed++
      response.end()
    })
    const url = await serve((_, response) => response.writeHead(status, { location: target }).end())
    assert.deepEqual(await sendWebhook(outgoing(url)), { outcome: 'redirect', status })
    assert.equal(followed, 0)
  })
}

for (const [status, outcome] of [
  [204, 'delivered'],
  [404, 'status-4xx'],
  [410, 'gone'],
  [429, 'rate-limited'],
  [500, 'status-5xx'],
] as const) {
  test(`an answer of ${status} is "${outcome}"`, async () => {
    const url = await serve((_, response) => response.writeHead(status).end())
    assert.equal((await sendWebhook(outgoing(url))).outcome, outcome)
  })
}

test('a receiver that sends its headers, or its body, a byte at a time is cut at the deadline', async () => {
  const timers: NodeJS.Timeout[] = []
  after(() => timers.forEach(clearInterval))
  const drip = (head: string) =>
    createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.write(head)
      timers.push(setInterval(() => socket.writable && socket.write('a'), 20))
    })
  for (const head of ['HTTP/1.1 200 OK\r\nx-slow: ', 'HTTP/1.1 200 OK\r\n\r\n']) {
    const url = `http://${await listening(drip(head))}/`
    assert.deepEqual(await sendWebhook(outgoing(url, { deadlineMs: 200 })), { outcome: 'timeout' })
  }
})

test('of an answer without end only the beginning is read', async () => {
  const url = await serve((_, response) => {
    const chunk = Buffer.alloc(65_536)
    const flood = () => {
      while (response.write(chunk));
    }
    response.on('drain', flood).on('error', () => {})
    flood()
  })
  assert.equal((await sendWebhook(outgoing(url, { deadlineMs: 20_000 }))).outcome, 'delivered')
})

test('failures of the connection are told apart', async () => {
  const reset = createTcpServer((socket) => socket.on('error', () => {}).resetAndDestroy())
  const garbage = createTcpServer((socket) => socket.on('error', () => {}).end('hello there\r\n\r\n'))
  assert.equal((await sendWebhook(outgoing(`http://${await listening(reset)}/`))).outcome, 'connect')
  assert.equal((await sendWebhook(outgoing(`http://${await listening(garbage)}/`))).outcome, 'protocol')
  const closed = createTcpServer()
  const free = await listening(closed)
  await new Promise((resolve) => closed.close(resolve))
  assert.equal((await sendWebhook(outgoing(`http://${free}/`))).outcome, 'connect')
})

test('a certificate that nobody vouches for is refused', async () => {
  const address = await listening(createTlsServer(SELF_SIGNED))
  assert.deepEqual(await sendWebhook(outgoing(`https://${address}/`)), { outcome: 'tls' })
})

test('plain http goes to loopback only, unless the endpoint allows it', async () => {
  const resolve = async () => [{ address: '10.0.0.1', family: 4 }]
  const url = 'http://receiver.example/'
  assert.deepEqual(await sendWebhook(outgoing(url), resolve), { outcome: 'forbidden-url' })
  const allowed = outgoing(url, { allowHttp: true })
  assert.deepEqual(await sendWebhook(allowed, resolve), { outcome: 'forbidden-address' })
  for (const refused of [
    'https://user:pass@receiver.example/',
    'https://receiver.example:99999/',
    'https://',
  ])
    assert.deepEqual(await sendWebhook(outgoing(refused)), { outcome: 'forbidden-url' })
})

for (const url of [
  'https://2852039166/',
  'https://0/',
  'https://10.1.2.3/',
  'https://169.254.169.254/latest/meta-data/',
  'https://[::ffff:10.0.0.1]/',
  'https://[64:ff9b::a00:1]/',
  'https://[2002:a00:1::]/',
  'https://[::a00:1]/',
  'https://[fd00::1]/',
  'https://[fe80::1]/',
]) {
  test(`${url} is not connected to`, async () => {
    const ended = await sendWebhook(outgoing(url, { deadlineMs: 2000 }))
    assert.deepEqual(ended, { outcome: 'forbidden-address' })
  })
}

test('a name is refused when any of its addresses is private', async () => {
  const resolve = async () => [
    { address: '93.184.216.34', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]
  assert.deepEqual(await sendWebhook(outgoing('https://receiver.example/'), resolve), {
    outcome: 'forbidden-address',
  })
})

test('the connection goes to the address that was checked, without a second look-up', async () => {
  let asked = 0
  const url = await serve((_, response) => response.end())
  const resolve = async () => {
    asked++
    return [{ address: '127.0.0.1', family: 4 }]
  }
  const named = url.replace('127.0.0.1', 'receiver.invalid')
  const request = outgoing(named, { allowHttp: true, allowPrivate: true })
  assert.deepEqual(await sendWebhook(request, resolve), { outcome: 'delivered', status: 200 })
  assert.equal(asked, 1)
})

test('a look-up that fails or never answers ends the attempt', async () => {
  const fail = async () => {
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  }
  const never = () => new Promise<never>(() => {})
  const url = 'https://receiver.example/'
  assert.deepEqual(await sendWebhook(outgoing(url), fail), { outcome: 'dns' })
  assert.deepEqual(await sendWebhook(outgoing(url, { deadlineMs: 50 }), never), { outcome: 'timeout' })
})

test('public addresses are told from all others', () => {
  for (const address of ['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])
    assert.ok(isPublicAddress(address), address)
  for (const address of [
    '100.64.0.1',
    '198.18.0.1',
    '::',
    'fe80::1%eth0',
    '::ffff:0:a00:1',
    'example.com',
    '',
  ])
    assert.ok(!isPublicAddress(address), address)
})

test('the receiver takes a signed webhook once and refuses others', async () => {
  const received: unknown[] = []
  const receiver = await startWebhookReceiver(SECRET, ({ id, payload }) => received.push([id, payload]))
  const request = outgoing(receiver.url)
  for (const secrets of [[SECRET], [SECRET], [secret()]]) {
    const { outcome } = await sendWebhook({ ...request, secrets })
    assert.equal(outcome, secrets[0] === SECRET ? 'delivered' : 'status-4xx')
  }
  assert.deepEqual(received, [['d1', { type: 'incident.opened' }]])
  await receiver.close()
})
