import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { NO_TRACER } from '../../domain/trace.ts'
import { openTelemetry } from '../../io/telemetry.ts'
import { startOtlpReceiver } from '../otlp-receiver.ts'

/** One process has one tracer: these tests share it. */
const receiver = await startOtlpReceiver()
process.env['TRACES_KEY'] = 'let me in'
const troubles: (string | undefined)[] = []
const telemetry = await openTelemetry(
  {
    enabled: true,
    endpoint: receiver.url,
    headers: [{ name: 'x-key', value: { env: 'TRACES_KEY' } }],
    sampleRatio: 1,
    serviceName: 'watch',
    resource: [{ name: 'deployment.environment.name', value: 'test' }],
  },
  { version: '1.2.3', onTrouble: (trouble) => troubles.push(trouble) },
)
const { tracer } = telemetry
const OTHER = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }

class RefusedError extends Error {
  readonly code = 'refused'
}

const contexts: Record<string, string>[] = []
const answers = [
  tracer.span('collect', { attributes: { 'meshwatch.rows': 3 } }, () => {
    contexts.push(tracer.inject())
    return 'packed'
  }),
  await tracer.span(
    'analyze',
    { links: [contexts[0], OTHER, { traceparent: 'nonsense' }, {}] },
    async (span) => {
      await new Promise(setImmediate)
      contexts.push(tracer.inject())
      span.set({ 'meshwatch.findings': 1 })
      return 'said'
    },
  ),
]
await tracer.span('round', {}, async (span) => {
  tracer.span('alert', {}, () => {})
  span.drop()
})
const secret = 'password=hunter2'
assert.throws(
  () =>
    tracer.span('alert', {}, () => {
      throw new RefusedError(secret)
    }),
  RefusedError,
)
await assert.rejects(
  tracer.span('deliver', {}, async () => {
    throw new TypeError(secret)
  }),
  TypeError,
)
await telemetry.close()
await telemetry.close()

const named = (name: string) => receiver.spans.filter((span) => span.name === name)
after(() => receiver.close())

describe('spans', () => {
  test('run the work and give what it gives', () => assert.deepEqual(answers, ['packed', 'said']))

  test('arrive with their attributes, those known at the end too', () => {
    assert.equal(String(named('collect')[0].attributes['meshwatch.rows']), '3')
    assert.equal(String(named('analyze')[0].attributes['meshwatch.findings']), '1')
  })

  test('link to the spans that they follow from, and only to valid ones', () => {
    const [collect] = named('collect')
    const [{ links }] = named('analyze')
    assert.deepEqual(
      links.map(({ traceId, spanId }) => [traceId, spanId]),
      [
        [collect.traceId, collect.spanId],
        ['a'.repeat(32), 'b'.repeat(16)],
      ],
    )
  })

  test('are told to other processes by the header of W3C Trace Context, also behind an await', () => {
    const [collect, analyze] = [named('collect')[0], named('analyze')[0]]
    assert.deepEqual(contexts, [
      { traceparent: `00-${collect.traceId}-${collect.spanId}-01` },
      { traceparent: `00-${analyze.traceId}-${analyze.spanId}-01` },
    ])
    assert.deepEqual(tracer.inject(), {}, 'no span is running')
  })

  test('that came to nothing are not sent', () => assert.deepEqual(named('round'), []))

  test('of failed work say what kind of failure it was, and no more', () => {
    const failed = receiver.spans.filter((span) => span.failed)
    assert.deepEqual(
      failed.map(({ name, attributes }) => [name, attributes['error.type']]),
      [
        ['alert', 'refused'],
        ['deliver', 'TypeError'],
      ],
    )
    assert.equal(JSON.stringify(receiver.spans).includes('hunter2'), false)
  })

  test('name the process they come from', () => {
    const { 'service.instance.id': instance, 'host.name': host, ...resource } = receiver.resource
    assert.match(String(instance), /^[0-9a-f-]{36}$/)
    assert.ok(String(host).length > 0)
    assert.equal(resource['service.name'], 'watch')
    assert.equal(resource['service.version'], '1.2.3')
    assert.equal(resource['deployment.environment.name'], 'test')
  })

  test('are sent with the configured headers, and without trouble', () => {
    assert.ok(
      receiver.headers.length > 0 && receiver.headers.every((headers) => headers['x-key'] === 'let me in'),
    )
    assert.deepEqual(troubles, [])
  })
})

describe('headers of a record', () => {
  test('give the span that they were made in', () => {
    const bytes = Buffer.from(OTHER.traceparent)
    assert.deepEqual(tracer.extract({ traceparent: bytes, other: undefined }), OTHER)
    assert.deepEqual(tracer.extract({ traceparent: [bytes, 'another'], tracestate: 'a=b' }), {
      ...OTHER,
      tracestate: 'a=b',
    })
  })

  test('give nothing when they are none or broken', () => {
    const zero = `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`
    for (const traceparent of [undefined, '', 'x', zero, Buffer.of(0xff, 0xfe), []])
      assert.equal(tracer.extract({ traceparent }), undefined)
  })
})

test('without telemetry the work runs and nothing is told', () => {
  assert.equal(
    NO_TRACER.span('collect', {}, (span) => span.set({}) ?? 7),
    7,
  )
  assert.deepEqual(NO_TRACER.inject(), {})
  assert.equal(NO_TRACER.extract(OTHER), undefined)
})
