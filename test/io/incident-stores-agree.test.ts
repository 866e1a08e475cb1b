import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { startAlerter } from '../../alerter/main.ts'
import type { Finding, Severity } from '../../domain/finding.ts'
import { groupOf } from '../../domain/group.ts'
import type { AttemptOutcome } from '../../domain/incident.ts'
import type { IncidentFilter, IncidentStore } from '../../domain/ports.ts'
import { hmacHex, sha256Hex } from '../../io/hash.ts'
import { claimIncidents } from '../../io/redis-incidents.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { SqliteIncidents } from '../../io/sqlite-incidents.ts'
import { finding, MINUTE, START } from '../alerter/sample.ts'
import { without } from '../servers/availability.ts'
import { startRedis } from '../servers/redis.ts'
import { addressOf, openRedis } from './redis-for-tests.ts'

type Step =
  | { readonly findings: readonly Partial<Finding>[] }
  | { readonly tick: number }
  | { readonly deliver: AttemptOutcome }

const name = fc.constantFrom('web', 'cart', 'ledger')
const minute = fc.integer({ min: 0, max: 300 }).map((minutes) => START + minutes * MINUTE)
const said = fc.record({
  caller: name,
  callee: name,
  detector: fc.constantFrom('new-edge', 'volume'),
  severity: fc.constantFrom<Severity>('info', 'medium', 'critical'),
  opens: fc.boolean(),
  end: minute,
})
const outcomes = fc.constantFrom<AttemptOutcome>('delivered', 'timeout', 'gone')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ findings: fc.array(said, { minLength: 1, maxLength: 4 }) }),
  fc.record({ findings: fc.array(said, { minLength: 1, maxLength: 2 }) }),
  fc.record({ tick: minute }),
  fc.record({ deliver: outcomes }),
)

const FILTERS: readonly IncidentFilter[] = [
  {},
  { state: ['open'], detector: 'volume' },
  { severity: ['critical', 'medium'], identity: 'web' },
  { detector: 'new-edge', since: START + 60 * MINUTE, until: START + 200 * MINUTE },
]

/** Everything that the port lets one see. */
async function everything(store: IncidentStore) {
  const { incidents } = await store.list({}, 200)
  const groups = ['web', 'cart', 'ledger'].map((caller) => groupOf(finding('x', { caller })))
  return {
    incidents: await Promise.all(incidents.map(({ id }) => store.get(id))),
    pages: await Promise.all(FILTERS.map((filter) => store.list(filter, 2))),
    counts: (await store.counts()).map((count) => JSON.stringify(count)).sort(),
    deliveries: await Promise.all(incidents.map(({ id }) => store.deliveries(id))),
    due: await store.due('pager', Number.MAX_SAFE_INTEGER, 5),
    outbox: await store.outbox(),
    disabled: await store.disabledEndpoints(),
    unresolved: await store.unresolved(groups),
    waiting: await store.waiting(groups, START + 30 * MINUTE),
    touching: await store.touching(['web', 'cart'], { since: START, until: START + 150 * MINUTE }),
    overdue: await store.overdue(START + 200 * MINUTE, 3),
  }
}

/** Plays the steps with an alerter over the store, and looks after each. */
async function play(store: IncidentStore, steps: readonly Step[]) {
  let now = START
  let outcome: AttemptOutcome = 'delivered'
  const secrets = [`whsec_${'A'.repeat(32)}`]
  const alerter = startAlerter({
    store,
    endpoints: ['pager', 'chat'].map((endpoint) => ({
      name: endpoint,
      channel: 'webhook',
      minimumSeverity: 'low',
      options: { url: 'https://receiver.example/', secrets },
    })),
    options: {
      quietMinutes: 60,
      certainQuietHours: 24,
      agreementMinutes: 60,
      inFlightPerEndpoint: 2,
      attemptSeconds: 15,
    },
    send: async () => ({ outcome }),
    sha256Hex,
    hmacHex: (text) => hmacHex(new Uint8Array(32), text),
    clock: () => now,
    dice: () => 0.5,
    onChange: () => {},
    onAttempt: () => {},
  })
  const seen: unknown[] = []
  for (const [n, each] of steps.entries()) {
    now += MINUTE
    if ('findings' in each) await alerter.accept(each.findings.map((it, i) => finding(`${n}-${i}`, it)))
    else if ('tick' in each) await alerter.tick(each.tick)
    else {
      outcome = each.deliver
      await alerter.deliverDue()
    }
    seen.push(await everything(store))
  }
  return seen
}

describe('an alerter over Redis', { skip: without('redis') }, () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  before(async () => {
    server = await startRedis()
  })
  after(() => server?.stop())

  test('leaves what it leaves over SQLite, after any steps', async () => {
    const redis = openRedis({ address: addressOf(server) })
    let partition = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const theirs = await play(await claimIncidents(redis, partition++), steps)
        assert.deepEqual(theirs, await play(new SqliteIncidents(openDatabase(':memory:')), steps))
      }),
      { numRuns: 60 },
    )
  })
})
