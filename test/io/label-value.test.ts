import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { labelValue } from '../../io/label-value.ts'

test('an ordinary name stays as it is', () => {
  for (const name of ['pager', 'envoy.access', '/var/log/envoy/access.log', 'Zürich', '東京', 'a "b" \\c'])
    assert.equal(labelValue(name), name)
})

test('a name that has to be changed ends with a hash of what it was', () => {
  assert.match(labelValue('a\u202eb\u0000\ud800c'), /^abc~[0-9a-f]{8}$/)
  assert.match(labelValue('ü'.repeat(65)), /^ü{55}~[0-9a-f]{8}$/)
  assert.match(labelValue('x'.repeat(129)), /^x{119}~[0-9a-f]{8}$/)
  assert.equal(labelValue('x'.repeat(128)), 'x'.repeat(128))
  assert.notEqual(labelValue('a\u0000'), labelValue('a\u0001'))
  assert.match(labelValue(''), /^~[0-9a-f]{8}$/)
  assert.match(labelValue('e\u0301'), /^\u00e9~[0-9a-f]{8}$/)
})

test('any text becomes one that is well formed, NFC, shown and short', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const value = labelValue(text)
      assert.ok(value.isWellFormed() && value !== '' && Buffer.byteLength(value) <= 256)
      assert.doesNotMatch(value, /[\p{Cc}\p{Bidi_Control}]/u)
    }),
  )
})
