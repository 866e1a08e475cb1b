import assert from 'node:assert/strict'
import { test } from 'node:test'
import { incidentsByNamespace, riskOf } from '../../alerter/risk.ts'
import type { IncidentSummary } from '../../domain/incident.ts'

const CHECKOUT = 'spiffe://shop.example/ns/payments/sa/checkout'
const REFUND = 'spiffe://shop.example/ns/payments/sa/refund'

const incident = (severity: string, callers: readonly string[]) =>
  ({ severity, callers }) as unknown as IncidentSummary

const INCIDENTS = [
  incident('critical', [CHECKOUT, REFUND]),
  incident('low', [CHECKOUT]),
  incident('medium', ['a legacy host']),
]

test('the risk of an identity adds up over its incidents', () => {
  assert.deepEqual(Object.fromEntries(riskOf(INCIDENTS)), {
    [CHECKOUT]: 103,
    [REFUND]: 100,
    'a legacy host': 10,
  })
})

test('an incident counts once for a namespace, however many of its callers are in it', () => {
  assert.deepEqual(Object.fromEntries(incidentsByNamespace(INCIDENTS)), { payments: 2, other: 1 })
})
