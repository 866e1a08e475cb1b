import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMemo } from '../collector/memo.ts'
import { operationOf } from '../collector/operation.ts'

const METHODS = ['GET', 'POST', 'x'.repeat(21), '\ud800']
const SEGMENTS = ['orders', '17', 'v2', '…', '\udc00', 'y'.repeat(30), 'z'.repeat(33), 'deadbeef', 'a?b', '']

test('an operation reads the same whatever was read before it', () => {
  const memo = createMemo()
  const path = fc.array(fc.constantFrom(...SEGMENTS), { maxLength: 10 }).map((segments) => segments.join('/'))
  fc.assert(
    fc.property(fc.constantFrom(...METHODS), path, (method, text) => {
      assert.equal(operationOf(method, text, memo), operationOf(method, text, createMemo()))
    }),
    { numRuns: 2000 },
  )
})

test('a method is remembered with its own operation', () => {
  const memo = createMemo()
  const read = ['GET', 'POST', 'POST', 'GET'].map((method, i) =>
    operationOf(method, `/orders/${i}?full=1`, memo),
  )
  assert.deepEqual(read, ['GET /orders/{}', 'POST /orders/{}', 'POST /orders/{}', 'GET /orders/{}'])
})

test('a long path is not kept in memory', () => {
  const memo = createMemo()
  operationOf('GET', `/${'long'.repeat(100)}x/${'a-word/'.repeat(9)}`, memo)
  for (const key of memo.operations.keys()) assert.ok(key.length <= 120)
})
