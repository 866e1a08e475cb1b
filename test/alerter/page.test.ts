import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { startAlerter } from '../../alerter/main.ts'
import { hmacHex, randomKey, sha256Hex } from '../../io/hash.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { SqliteIncidents } from '../../io/sqlite-incidents.ts'
import { sendWebhook } from '../../io/webhook-client.ts'
import { type ReceivedWebhook, startWebhookReceiver } from '../../io/webhook-receiver.ts'
import { HOUR, revoked, START } from './sample.ts'

test('a finding pages a receiver that checks the signature, and the end of the incident does too', async () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const received: ReceivedWebhook[] = []
  const receiver = await startWebhookReceiver(secret, (webhook) => received.push(webhook))
  const key = randomKey()
  const attempts: string[] = []
  const alerter = startAlerter({
    store: new SqliteIncidents(openDatabase(':memory:')),
    endpoints: [
      {
        name: 'pager',
        channel: 'webhook',
        minimumSeverity: 'low',
        options: { url: receiver.url, secrets: [secret] },
      },
    ],
    options: {
      quietMinutes: 60,
      certainQuietHours: 24,
      agreementMinutes: 60,
      inFlightPerEndpoint: 4,
      attemptSeconds: 5,
      publicUrl: 'https://meshwatch.example/',
    },
    send: sendWebhook,
    sha256Hex,
    hmacHex: (text) => hmacHex(key, text),
    clock: () => START,
    dice: () => 0.5,
    onChange: () => {},
    onAttempt: ({ endpoint, outcome, state }) => attempts.push(`${endpoint} ${outcome} ${state}`),
  })
  await alerter.accept([revoked('f1')])
  await alerter.deliverDue()
  await alerter.tick(START + 25 * HOUR)
  await alerter.deliverDue()
  await receiver.close()
  assert.deepEqual(attempts, ['pager delivered delivered', 'pager delivered delivered'])
  const payloads = received.map(
    ({ payload }) => payload as { type: string; data: { id: string; link: string } },
  )
  assert.deepEqual(
    payloads.map(({ type }) => type),
    ['incident.opened', 'incident.resolved'],
  )
  assert.equal(payloads[0].data.link, `https://meshwatch.example/v1/incidents/${payloads[0].data.id}`)
  assert.equal(new Set(received.map(({ id }) => id)).size, 2)
})
