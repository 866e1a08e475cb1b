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
const SCENARIO = linesOf(2, { halfDays: HALF_DAYS, partitions: PARTITIONS })

/**
 * Where each is told to stop. One analyzer has all partitions: whichever speaks first of an hour waits for the others, and
 * is told to stop then.
 */
const STOPS = {
  collector: [
    ['before append stream', 2, 'SIGTERM'],
    ['after append stream', 5, 'SIGTERM'],
    ['after append rejects', 1, 'SIGTERM'],
  ],
  analyzer: [
    ['before append facts', 1, 'SIGTERM'],
    ['after append facts', 2, 'SIGTERM'],
    ['before append findings', 1, 'SIGTERM'],
    ['after append facts', 5, 'SIGTERM'],
    ['before save', 2, 'SIGTERM'],
    ['before append facts', 9, 'SIGTERM'],
  ],
  alerter: [
    ['before apply', 1, 'SIGTERM'],
    ['before send', 1, 'SIGTERM'],
    ['after send', 1, 'SIGTERM'],
    ['after apply', 1, 'SIGTERM'],
  ],
} as const satisfies Record<string, readonly Kill[]>

const ROLES = ['collector', 'analyzer', 'alerter'] as const

describe('roles that are restarted in order while they catch up', { skip: without('kafka', 'redis') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-restart-'))
  let alone: Verdict
  let together: Played

  before(async () => {
    alone = await embeddedVerdict(join(folder, 'alone'), PARTITIONS, SCENARIO)
    assert.ok(alone.findings.length > 0)
    together = await play({
      name: 'restarted',
      folder: join(folder, 'restarted'),
      partitions: PARTITIONS,
      scenario: SCENARIO,
      cast: ROLES.map((role) => ({ role, kills: STOPS[role] })),
    })
  })
  after(async () => {
    await together?.close()
    rmSync(folder, { recursive: true })
  })

  for (const name of ROLES)
    it(`are restarted as often as planned: the ${name}`, () =>
      assert.deepEqual(together.members.find(({ role }) => role === name)?.killed, STOPS[name]))

  it('tell of each change once', () => {
    const ids = together.pager.received.map(({ id }) => id)
    assert.ok(ids.length > 0)
    assert.deepEqual(ids, [...new Set(ids)])
  })

  it('find what one process finds', () => assert.deepEqual(together.findings, alone.findings))

  it('raise the same incidents', () =>
    assert.deepEqual(incidentTexts(together.incidents), incidentTexts(alone.incidents)))

  it('learn the same baselines', () =>
    assert.deepEqual(together.baselines.map(withoutPlaces), alone.baselines.map(withoutPlaces)))
})
