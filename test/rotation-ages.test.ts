import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CredentialStep, createRotationAges } from '../cli/rotation-ages.ts'

const HOUR = 3_600_000
const LIFETIME = 24 * HOUR

/** Gives the ages, in hours, that follow from steps of one identity. */
function ages(steps: readonly Partial<CredentialStep>[]): readonly (number | undefined)[] {
  const age = createRotationAges()
  return steps.map((step) => {
    const time = step.time ?? 0
    const ms = age({
      action: 'issued',
      identity: 'checkout',
      credential: 'x',
      notAfter: time + LIFETIME,
      ...step,
      time,
    })
    return ms === undefined ? undefined : ms / HOUR
  })
}

test('a renewal replaces the one of the same identity and address', () => {
  const [one, other] = [{ address: '10.0.0.1' }, { address: '10.0.0.2' }]
  assert.deepEqual(
    ages([
      { ...one, credential: 'a', time: 0 },
      { ...other, credential: 'b', time: 2 * HOUR },
      { ...one, credential: 'a2', action: 'renewed', time: 16 * HOUR },
      { ...other, credential: 'b2', action: 'rotated', time: 17 * HOUR },
      { ...one, credential: 'a3', action: 'renewed', time: 32 * HOUR },
    ]),
    [undefined, undefined, 16, 15, 16],
  )
})

test('of replicas behind one address nothing is said, until one of them is over', () => {
  assert.deepEqual(
    ages([
      { credential: 'a', time: 0 },
      { credential: 'b', time: 2 * HOUR },
      { credential: 'a2', action: 'renewed', time: 16 * HOUR },
      { credential: 'c', action: 'renewed', time: 39 * HOUR },
    ]),
    [undefined, undefined, undefined, 23],
  )
})

test('what a source names as replaced is replaced', () => {
  assert.deepEqual(
    ages([
      { credential: 'a', time: 0 },
      { credential: 'b', time: 2 * HOUR },
      { credential: 'b2', previous: 'b', time: 10 * HOUR },
      { credential: 'c', previous: 'unknown', time: 10 * HOUR },
    ]),
    [undefined, undefined, 8, undefined],
  )
})

test('one that is over, revoked or of another identity is not what a renewal replaces', () => {
  assert.deepEqual(
    ages([
      { credential: 'over', time: 0, notAfter: HOUR },
      { credential: 'revoked', time: HOUR },
      { credential: 'revoked', action: 'revoked', time: 2 * HOUR },
      { credential: 'other', identity: 'cart', time: 2 * HOUR },
      { credential: 'new', action: 'renewed', time: 3 * HOUR },
      { credential: 'new', action: 'superseded', time: 9 * HOUR },
    ]),
    [undefined, undefined, undefined, undefined, undefined, 6],
  )
})

test('age counts from the beginning of validity, and no more than 50,000 are remembered', () => {
  const age = createRotationAges()
  const issue = (credential: string, identity: string) =>
    age({ action: 'issued', identity, credential, time: HOUR, notBefore: 0 })
  for (let i = 0; i <= 50_000; i++) issue(`c${i}`, `id-${i}`)
  const renew = (identity: string) =>
    age({ action: 'renewed', identity, credential: `${identity}-2`, time: 5 * HOUR })
  assert.equal(renew('id-0'), undefined)
  assert.equal(renew('id-50000'), 5 * HOUR)
})
