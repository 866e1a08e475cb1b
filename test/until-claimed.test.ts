import assert from 'node:assert/strict'
import { test } from 'node:test'
import { untilClaimed } from '../cli/roles/until-claimed.ts'
import { worldError } from '../io/world-error.ts'

test('a partition that another process claimed in between is claimed again', async () => {
  let claims = 0
  const claim = async () => {
    if (++claims < 3) throw worldError('fenced', 'another process')
    return claims
  }
  assert.equal(await untilClaimed(new AbortController().signal, claim), 3)
})

test('any other failure to claim is not tried again', async () => {
  const claim = () => Promise.reject(worldError('checkpoint-broken', 'pages are gone'))
  await assert.rejects(untilClaimed(new AbortController().signal, claim), { code: 'checkpoint-broken' })
})

test('who is stopped claims no more', async () => {
  const claim = () => Promise.reject(worldError('fenced', 'another process'))
  await assert.rejects(untilClaimed(AbortSignal.abort(), claim), { code: 'fenced' })
})
