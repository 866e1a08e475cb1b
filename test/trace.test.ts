import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampledTraceId } from '../domain/trace.ts'

const ID = '0af7651916cd43dd8448eb211c80319c'

test('only a trace that is kept has an id to look it up by', () => {
  assert.equal(sampledTraceId({ traceparent: `00-${ID}-b7ad6b7169203331-01` }), ID)
  assert.equal(sampledTraceId({ traceparent: `00-${ID}-b7ad6b7169203331-00` }), undefined)
  assert.equal(sampledTraceId({ traceparent: 'evil"} 1' }), undefined)
  assert.equal(sampledTraceId({}), undefined)
})
