import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webhook } from '../../alerter/channels/webhook.ts'
import { fold } from '../../alerter/fold.ts'
import { notificationOf } from '../../alerter/notification.ts'
import type { Finding } from '../../domain/finding.ts'
import { FOLD, finding, known, START } from './sample.ts'

const options = { url: 'https://receiver.example/hook', secrets: ['whsec_secret'] }

function rendered(findings: readonly Finding[]) {
  const [{ after }] = fold(findings, known(), FOLD).updates
  return webhook.render(notificationOf(after, 'incident.opened'), options, {
    incident: `https://mw.example/v1/incidents/${after.id}`,
  })
}

test('says what happened, where it was seen, and what to do', () => {
  const request = rendered([finding('f1')])
  const { type, timestamp, data } = JSON.parse(request.body)
  assert.equal(request.url, options.url)
  assert.equal(type, 'incident.opened')
  assert.equal(timestamp, '2026-03-02T10:00:00.000Z')
  assert.equal(data.reason, 'shop/checkout called shop/ledger for the first time')
  assert.equal(data.nextStep, 'ask the owner of the caller')
  assert.equal(data.link, `https://mw.example/v1/incidents/${data.id}`)
  assert.deepEqual(data.findings[0].evidence, [
    { source: 'envoy.log', line: 12, offset: 700, time: '2026-03-02T10:00:00.000Z' },
  ])
  assert.ok(!request.body.includes('whsec'))
})

test('stays below 20 kB for the longest names and texts, and drops evidence before findings', () => {
  const evidence = finding('f0').evidence[0]
  const long = Array.from({ length: 60 }, (_, n) =>
    finding(`f${n}`, {
      caller: 'shop/checkout',
      callee: `${n}${'\u0001'.repeat(2000)}`,
      text: '😀'.repeat(2000),
      respond: '"'.repeat(4000),
      evidence: Array.from({ length: 50 }, () => ({ ...evidence, source: '\\'.repeat(3000) })),
      end: START + n,
    }),
  )
  const bytes = Buffer.byteLength(rendered(long).body)
  assert.ok(bytes < 20_000, `${bytes}`)
  const middling = Array.from({ length: 5 }, (_, n) =>
    finding(`f${n}`, {
      evidence: Array.from({ length: 3 }, () => ({ ...evidence, source: 's'.repeat(1500) })),
    }),
  )
  const { data } = JSON.parse(rendered(middling).body)
  assert.deepEqual([data.findings.length, data.findings[0].evidence.length], [5, 1])
})
