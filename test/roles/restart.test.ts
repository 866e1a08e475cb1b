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

/** One process has all partitions: whichever speaks first of an hour waits for the others, and is told to stop then. */
const STOPS: readonly Kill[] = [
  ['before append facts', 1, 'SIGTERM'],
  ['after append facts', 2, 'SIGTERM'],
  ['before append findings', 1, 'SIGTERM'],
  ['after append facts', 5, 'SIGTERM'],
  ['before save', 2, 'SIGTERM'],
  ['before append facts', 9, 'SIGTERM'],
]

describe('an analyzer that is restarted in order while it catches up', {
  skip: without('kafka', 'redis'),
}, () => {
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
      cast: [{ role: 'collector' }, { role: 'analyzer', kills: STOPS }, { role: 'alerter' }],
    })
  })
  after(async () => {
    await together?.close()
    rmSync(folder, { recursive: true })
  })

  it('is restarted as often as planned', () => {
    const { killed } = together.members.find(({ role }) => role === 'analyzer')!
    assert.deepEqual(killed, STOPS)
  })

  it('finds what one process finds', () => assert.deepEqual(together.findings, alone.findings))

  it('raises the same incidents', () =>
    assert.deepEqual(incidentTexts(together.incidents), incidentTexts(alone.incidents)))

  it('learns the same baselines', () =>
    assert.deepEqual(together.baselines.map(withoutPlaces), alone.baselines.map(withoutPlaces)))
})
