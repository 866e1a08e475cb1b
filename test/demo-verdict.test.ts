import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exitCodeOf, judgeDemo } from '../cli/demo-verdict.ts'
import { plan } from '../demo/plan.ts'
import type { Incident } from '../domain/incident.ts'
import { START } from './demo-rows.ts'

const attack = plan(1, START)
const incident = (group: string, ...detectors: string[]) =>
  ({ group, detectors, title: `about ${group}` }) as unknown as Incident

const compromised = incident(`identity:${attack.compromised}`, 'new-edge', 'volume')
const moved = incident(`identity:${attack.firstTarget}`, 'new-edge')
const revoked = incident(`credential:x509:${attack.revoked.serialHex}`, 'revoked-credential')

describe('the verdict on a demo', () => {
  it('is good when the three planted incidents were raised and no other', () => {
    const verdict = judgeDemo(attack, [revoked, compromised, moved])
    assert.deepEqual([verdict.found.length, verdict.missing, verdict.unplanned], [3, [], []])
    assert.equal(exitCodeOf(verdict), 0)
  })

  for (const [name, incidents, missing, unplanned] of [
    ['nothing was raised', [], 3, 0],
    ['one was not raised', [compromised, revoked], 1, 0],
    ['another was raised', [compromised, moved, revoked, incident('identity:batch', 'volume')], 0, 1],
    ['one was raised twice', [compromised, moved, revoked, { ...moved }], 0, 1],
    ['a detector said nothing', [incident(compromised.group, 'new-edge'), moved, revoked], 1, 1],
  ] as const)
    it(`is bad when ${name}`, () => {
      const verdict = judgeDemo(attack, incidents)
      assert.deepEqual([verdict.missing.length, verdict.unplanned.length], [missing, unplanned])
      assert.equal(exitCodeOf(verdict), 1)
    })
})
