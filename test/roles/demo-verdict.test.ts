import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { judgeDemo } from '../../cli/demo-verdict.ts'
import { plan } from '../../demo/plan.ts'
import { without } from '../servers/availability.ts'
import { demoLines } from './demo-lines.ts'
import { embeddedVerdict, type Verdict } from './embedded.ts'
import { incidentTexts, type Played, play } from './play.ts'

/**
 * The shop of the demo: its raw logs through one process with SQLite, and through roles over Kafka and Redis. The demo
 * itself learns for 14 days: MESHWATCH_TEST_DEMO_DAYS=14.
 */
const DAYS = Number(process.env['MESHWATCH_TEST_DEMO_DAYS'] ?? 4)
const SEED = Number(process.env['MESHWATCH_TEST_DEMO_SEED'] ?? 1)
const PARTITIONS = 3
const SCENARIO = demoLines(SEED, DAYS)
const ROLES = ['collector', 'collector', 'analyzer', 'analyzer', 'alerter'] as const

describe('the shop of the demo, by one process and by five', { skip: without('kafka', 'redis') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-roles-demo-'))
  let alone: Verdict
  let together: Played

  before(async () => {
    alone = await embeddedVerdict(join(folder, 'alone'), PARTITIONS, SCENARIO)
    together = await play({
      name: 'shop',
      folder: join(folder, 'together'),
      partitions: PARTITIONS,
      scenario: SCENARIO,
      cast: ROLES.map((role) => ({ role })),
    })
  })
  after(async () => {
    await together?.close()
    rmSync(folder, { recursive: true })
  })

  for (const [who, verdict] of [
    ['one process', () => alone],
    ['five processes', () => together],
  ] as const)
    it(`${who}: exactly the planted incidents`, () => {
      const { found, missing, unplanned } = judgeDemo(plan(SEED, SCENARIO.attackStart), verdict().incidents)
      assert.deepEqual({ found: found.length, missing, unplanned }, { found: 3, missing: [], unplanned: [] })
    })

  it('find the same', () => assert.deepEqual(together.findings, alone.findings))

  it('raise the same incidents', () =>
    assert.deepEqual(incidentTexts(together.incidents), incidentTexts(alone.incidents)))
})
