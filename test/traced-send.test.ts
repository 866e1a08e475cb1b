import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tracedSend } from '../cli/traced-send.ts'
import type { SpanAttributes, TraceContext, Tracer } from '../domain/trace.ts'

const request = {
  url: 'https://pager.example.com/hooks/token-of-the-receiver',
  headers: {},
  body: '{}',
  secrets: [],
  allowHttp: false,
  allowPrivate: false,
  deadlineMs: 1000,
}

interface Told {
  attributes: SpanAttributes
  readonly links: readonly TraceContext[]
}

/** A tracer that remembers its spans, and runs within the span that a test names. */
function remembering() {
  const spans: Told[] = []
  const running = { context: {} as TraceContext }
  const tracer: Tracer = {
    span: (_name, { attributes = {}, links = [] }, run) => {
      const told: Told = { attributes, links }
      spans.push(told)
      const set = (more: SpanAttributes) => {
        told.attributes = { ...told.attributes, ...more }
      }
      return run({ set, drop: () => {} })
    },
    inject: () => running.context,
    extract: () => undefined,
  }
  return { tracer, spans, running }
}

test('a delivery is linked to the batch that made it necessary, until it has arrived', async () => {
  const { tracer, spans, running } = remembering()
  const outcomes = ['timeout', 'delivered', 'delivered'] as const
  const { send, owe } = tracedSend(tracer, async () => ({ outcome: outcomes[spans.length - 1], status: 204 }))
  running.context = { traceparent: 'of the batch' }
  owe([{ id: 'd1' }])
  running.context = {}
  owe([{ id: 'd2' }])
  for (const id of ['d1', 'd1', 'd1', 'd2']) await send({ ...request, id })
  assert.deepEqual(
    spans.map(({ links }) => links.map(({ traceparent }) => traceparent)),
    [['of the batch'], ['of the batch'], [], []],
  )
})

test('the span of a delivery says how it ended and where it went, but no path: it may hold a token', async () => {
  const { tracer, spans } = remembering()
  const { send } = tracedSend(tracer, async () => ({ outcome: 'status-4xx', status: 400 }))
  assert.deepEqual(await send({ ...request, id: 'd1' }), { outcome: 'status-4xx', status: 400 })
  assert.deepEqual(spans[0].attributes, {
    'meshwatch.delivery.id': 'd1',
    'server.address': 'pager.example.com',
    'meshwatch.outcome': 'status-4xx',
    'http.response.status_code': 400,
  })
})

test('links of deliveries that never arrive do not pile up', async () => {
  const { tracer, spans, running } = remembering()
  const { send, owe } = tracedSend(tracer, async () => ({ outcome: 'timeout' }))
  running.context = { traceparent: 'x' }
  for (let i = 0; i < 1001; i++) owe([{ id: `d${i}` }])
  for (const id of ['d0', 'd1', 'd1000']) await send({ ...request, id })
  assert.deepEqual(
    spans.map(({ links }) => links.length),
    [0, 1, 1],
  )
})
