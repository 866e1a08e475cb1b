import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { escapeForTerminal, painterFor } from '../cli/output.ts'

test('what steers a terminal is shown instead of obeyed', () => {
  assert.equal(escapeForTerminal('a\u001b]0;title\u0007b'), 'a\\x1b]0;title\\x07b')
  assert.equal(escapeForTerminal('one\r\ntwo\u009b31m'), 'one\\x0d\\x0atwo\\x9b31m')
  assert.equal(escapeForTerminal('pay\u202elru\u2066\u200b'), 'pay\\u{202e}lru\\u{2066}\\u{200b}')
  assert.equal(escapeForTerminal('Zürich → 東京 🚀'), 'Zürich → 東京 🚀')
})

test('no control character is left of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(escapeForTerminal(text), /\p{Cc}/u)
      assert.ok(escapeForTerminal(text).isWellFormed())
    }),
  )
})

test('colour is for terminals that want it', () => {
  assert.equal(painterFor({ isTTY: true, environment: {} })('red', 'x'), '\u001b[31mx\u001b[39m')
  const plain = [
    { isTTY: false, environment: {} },
    { environment: {} },
    { isTTY: true, environment: { NO_COLOR: '1' } },
    { isTTY: true, environment: { TERM: 'dumb' } },
  ]
  for (const canvas of plain) assert.equal(painterFor(canvas)('red', 'x'), 'x')
})
