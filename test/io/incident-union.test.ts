import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unionOf } from '../../io/incident-union.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { SqliteIncidents } from '../../io/sqlite-incidents.ts'
import { START } from '../alerter/sample.ts'
import { delivery, incident } from './incident-store.suite.ts'

const all = Array.from({ length: 11 }, (_, n) =>
  incident(`i${n}`, { end: START + Math.floor(n / 3), severity: n % 4 === 0 ? 'high' : 'low' }),
)

/** Three stores: the incidents dealt to the first two, none in the last. */
async function dealt() {
  const stores = [0, 1, 2].map(() => new SqliteIncidents(openDatabase(':memory:')))
  for (const [n, one] of all.entries()) {
    const change = { incidents: [one], findings: [], deliveries: [delivery(one)], superseded: [] }
    await stores[n % 2].apply(change, new Map([[one.id, 0]]))
  }
  return { stores, union: unionOf(stores) }
}

test('pages of a union are those of one store that holds everything', async () => {
  const { union } = await dealt()
  for (const filter of [{}, { severity: ['high' as const] }, { since: START + 1, until: START + 2 }]) {
    const one = new SqliteIncidents(openDatabase(':memory:'))
    await one.apply({ incidents: all, findings: [], deliveries: [], superseded: [] }, new Map())
    for (const limit of [1, 2, 3, 20]) {
      let after: Awaited<ReturnType<typeof union.list>>['next']
      do {
        const page = await union.list(filter, limit, after)
        assert.deepEqual(page, await one.list(filter, limit, after))
        after = page.next
      } while (after !== undefined)
    }
    assert.equal((await union.list(filter, 20)).incidents.length > 0, true)
  }
})

test('a union finds an incident, its home and its deliveries, and adds up', async () => {
  const { union, stores } = await dealt()
  const [even, odd] = [all[0], all[1]]
  assert.deepEqual(await union.get(odd.id), odd)
  assert.equal(await union.get('no such'), undefined)
  assert.equal(await union.homeOf(even.id), stores[0])
  assert.equal(await union.homeOf(odd.id), stores[1])
  assert.equal(await union.homeOf('no such'), undefined)
  assert.equal((await union.deliveries(odd.id)).length, 1)
  assert.deepEqual(await union.outbox(), { owed: 11, oldestCreatedAt: START })
  const counts = (await union.counts()).toSorted((a, b) => a.count - b.count)
  assert.deepEqual(counts, [
    { state: 'open', severity: 'high', count: 3 },
    { state: 'open', severity: 'low', count: 8 },
  ])
  assert.deepEqual(await unionOf([]).outbox(), { owed: 0, oldestCreatedAt: undefined })
})
