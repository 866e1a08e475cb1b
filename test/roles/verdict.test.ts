import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Kill } from '../mortal-process.ts'
import { without } from '../servers/availability.ts'
import { embeddedVerdict, type Verdict } from './embedded.ts'
import { linesOf } from './lines.ts'
import { incidentTexts, type Played, play, withoutPlaces } from './play.ts'

const PARTITIONS = 3
const HALF_DAYS = 16
const SCENARIO = linesOf(1, { halfDays: HALF_DAYS, partitions: PARTITIONS })

/** Each member dies at these places, one after the other, and is started again. */
const KILLS: Readonly<Record<string, readonly Kill[]>> = {
  'first collector': [
    ['before append stream', 2],
    ['after append stream', 4],
    ['before append stream', 8],
    ['after append stream', 20],
  ],
  'second collector': [
    ['after append stream', 1],
    ['before append stream', 5],
    ['after append stream', 9],
    ['after append rejects', 1],
  ],
  'first analyzer': [
    ['after claim', 1],
    ['before save', 3],
    ['after append facts', 5],
    ['after save', 2],
    ['after append findings', 1],
  ],
  'second analyzer': [
    ['after save', 2],
    ['after append findings', 2],
    ['before append facts', 9],
    ['after claim', 2],
    ['before append findings', 1],
  ],
  alerter: [
    ['after claim', 1],
    ['before apply', 1],
    ['after apply', 1],
    ['after send', 1],
    ['before send', 2],
    ['after settle', 1],
  ],
}

const ROLES = [
  { name: 'first collector', role: 'collector' },
  { name: 'second collector', role: 'collector' },
  { name: 'first analyzer', role: 'analyzer' },
  { name: 'second analyzer', role: 'analyzer' },
  { name: 'alerter', role: 'alerter' },
] as const

describe('two collectors, two analyzers and an alerter', { skip: without('kafka', 'redis') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-roles-'))
  let alone: Verdict

  before(async () => {
    alone = await embeddedVerdict(join(folder, 'alone'), PARTITIONS, SCENARIO)
    assert.ok(alone.findings.length >= HALF_DAYS, `${alone.findings.length}`)
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const { name, short, isKilled } of [
    { name: 'undisturbed', short: 'quiet', isKilled: false },
    { name: 'killed again and again', short: 'killed', isKilled: true },
  ]) {
    describe(name, () => {
      let together: Played

      before(async () => {
        const cast = ROLES.map(({ role, name }) => ({ role, kills: isKilled ? (KILLS[name] ?? []) : [] }))
        together = await play({
          name: short,
          folder: join(folder, short),
          partitions: PARTITIONS,
          scenario: SCENARIO,
          cast,
        })
      })
      after(() => together?.close())

      it('find what one process finds', () => assert.deepEqual(together.findings, alone.findings))

      it('raise the same incidents', () =>
        assert.deepEqual(incidentTexts(together.incidents), incidentTexts(alone.incidents)))

      it('learn the same baselines', () =>
        assert.deepEqual(together.baselines.map(withoutPlaces), alone.baselines.map(withoutPlaces)))

      it('tell of each change once, and repeat it with the same id and body only', () => {
        const bodies = new Map<string, string>()
        for (const { id, body } of together.pager.received) {
          assert.equal(bodies.get(id) ?? body, body)
          bodies.set(id, body)
        }
        assert.ok(bodies.size > 0)
        if (!isKilled) assert.equal(together.pager.received.length, bodies.size)
      })

      if (isKilled)
        it('were killed at least twenty times', () => {
          const killed = together.members.flatMap((member) => member.killed)
          console.log(`${killed.length} kills: ${killed.map(([place]) => place).join(', ')}`)
          assert.ok(killed.length >= 20, `${killed.length}`)
        })
    })
  }
})
