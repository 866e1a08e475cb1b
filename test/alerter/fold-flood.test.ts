import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fold } from '../../alerter/fold.ts'
import { openIncident } from '../../alerter/open.ts'
import { linkRelated } from '../../alerter/related.ts'
import type { Finding } from '../../domain/finding.ts'
import { sha256Hex } from '../../io/hash.ts'
import { FOLD, finding, known, revoked } from './sample.ts'

/** A day on which everything is new, or every certificate is revoked: thousands of findings at once. */
const MANY = 3000

/** How often a field of some findings is read while they are folded: the work that it takes, on any machine. */
function readsOf(field: 'end' | 'subject', findings: readonly Finding[]): number {
  let reads = 0
  const counted = findings.map((each) =>
    Object.defineProperty({ ...each }, field, {
      enumerable: true,
      get: () => {
        reads++
        return each[field]
      },
    }),
  )
  fold(counted, known(), FOLD)
  return reads
}

const about = (i: number) => ({ caller: `caller-${i}`, callee: `callee-${i}` })

test('the work grows with the number of findings that wait, not with its square', () => {
  const ofMany = Array.from({ length: MANY }, (_, i) => finding(`f${i}`, { opens: false, ...about(i) }))
  const ofOne = ofMany.map((each) => ({ ...each, caller: 'shop/checkout' }))
  assert.ok(readsOf('subject', ofMany) < 20 * MANY, 'many callers')
  assert.ok(readsOf('end', ofOne) < 20 * MANY, 'one caller')
})

test('incidents that share no name are not compared', () => {
  let compared = 0
  const incidents = Array.from({ length: MANY }, (_, i) => {
    const { caller, callee } = about(i)
    const incident = {
      ...openIncident(caller, finding(`f${i}`), sha256Hex),
      callers: [caller],
      callees: [callee],
    }
    return Object.defineProperty(incident, 'openedAt', { get: () => compared++ })
  })
  assert.deepEqual(
    linkRelated(incidents, () => true),
    incidents,
  )
  assert.equal(compared, 0)
})

test('of thousands of incidents of one caller each has as many links as there is room for', () => {
  const credential = (i: number) => ({ credential: { kind: 'x509', id: i.toString(16) } as const })
  const opening = Array.from({ length: MANY }, (_, i) => revoked(`f${i}`, { subject: credential(i) }))
  const { updates } = fold(opening, known(), FOLD)
  assert.ok(updates.every(({ after }) => after.related.length === 20 && !after.related.includes(after.id)))
})
