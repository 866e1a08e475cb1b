import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkEndpoints } from '../../alerter/check-endpoints.ts'
import { CHANNELS } from '../../alerter/registry.ts'

const check = (options: object) => () =>
  checkEndpoints(
    [
      {
        name: 'pager',
        channel: 'webhook',
        minimumSeverity: 'info',
        options: { url: 'https://a.example/', ...options },
      },
    ],
    CHANNELS,
  )

test('a secret that cannot be one is refused by what to write, and not repeated', () => {
  const right = `whsec_${'ab+/'.repeat(11)}`
  check({ secrets: [right] })()
  assert.throws(check({ secrets: [right, 'hunter2'] }), {
    message:
      'endpoint "pager": the text of secrets[1] does not fit; write whsec_ and the base64 of 24 to 64 random bytes',
  })
})
