import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fold } from '../../alerter/fold.ts'
import { notificationOf } from '../../alerter/notification.ts'
import type { Finding } from '../../domain/finding.ts'
import type { Incident, OwedDelivery } from '../../domain/incident.ts'
import type { IncidentChange, IncidentStore } from '../../domain/ports.ts'
import { FOLD, finding, known, START } from '../alerter/sample.ts'

/** An incident of its own caller, opened by one finding. */
export function incident(id: string, changed: Partial<Finding> = {}): Incident {
  const opening = finding(id, { caller: `caller-${id}`, callee: `callee-${id}`, ...changed })
  return fold([opening], known(), FOLD).updates[0].after
}

export function delivery(about: Incident, changed: Partial<OwedDelivery> = {}): OwedDelivery {
  return {
    id: `${about.id}-${about.version}`,
    endpoint: 'pager',
    incident: about.id,
    version: about.version,
    severity: about.severity,
    type: 'incident.opened',
    attempts: 0,
    dueAt: START,
    createdAt: START,
    state: 'owed',
    notification: notificationOf(about, 'incident.opened'),
    ...changed,
  }
}

function change(changed: Partial<IncidentChange>): IncidentChange {
  return { incidents: [], findings: [], deliveries: [], superseded: [], ...changed }
}

/** What every implementation of the port must do. */
export function checkIncidentStore(name: string, open: () => Promise<IncidentStore>): void {
  const fresh = new Map<string, number>()

  test(`${name}: gives back what was written`, async () => {
    const store = await open()
    const one = incident('a')
    assert.equal(await store.apply(change({ incidents: [one] }), new Map([[one.id, 0]])), 'applied')
    assert.deepEqual(await store.get(one.id), one)
    assert.equal(await store.get('no such'), undefined)
    assert.deepEqual(await store.unresolved([one.group, 'identity:other']), [one])
    assert.deepEqual(await store.unresolved(['identity:other']), [])
    const moved = { ...one, state: 'resolved' as const, revision: 2 }
    await store.apply(change({ incidents: [moved] }), new Map([[one.id, 1]]))
    assert.deepEqual(await store.get(one.id), moved)
    assert.deepEqual(await store.unresolved([one.group]), [])
    assert.deepEqual(await store.counts(), [{ state: 'resolved', severity: 'medium', count: 1 }])
  })

  test(`${name}: knows when the oldest incident opened that is still open`, async () => {
    const store = await open()
    assert.equal(await store.oldestOpen(), undefined)
    const low = { ...incident('a'), severity: 'low' as const, openedAt: START + 2000 }
    const high = { ...incident('b'), severity: 'high' as const, openedAt: START + 1000 }
    const seen = { ...incident('c'), state: 'acknowledged' as const, openedAt: START }
    await store.apply(change({ incidents: [low, high, seen] }), fresh)
    assert.equal(await store.oldestOpen(), START + 1000)
  })

  test(`${name}: writes nothing at all when a revision differs`, async () => {
    const store = await open()
    const [one, two] = [incident('a'), incident('b')]
    await store.apply(change({ incidents: [one] }), fresh)
    const all = change({
      incidents: [{ ...one, title: 'lost', revision: 2 }, two],
      findings: [{ id: 'b', group: two.group, time: START, incident: two.id }],
      deliveries: [delivery(two)],
    })
    const wrong = new Map([
      [two.id, 0],
      [one.id, 7],
    ])
    assert.equal(await store.apply(all, wrong), 'conflict')
    assert.deepEqual(await store.get(one.id), one)
    assert.equal(await store.get(two.id), undefined)
    assert.equal((await store.seen(['b'])).size, 0)
    assert.equal((await store.outbox()).owed, 0)
  })

  test(`${name}: remembers findings, and those that wait until they are taken in or forgotten`, async () => {
    const store = await open()
    const waits = finding('w', { opens: false })
    const seen = { id: 'w', group: 'identity:shop/checkout', time: START }
    await store.apply(
      change({
        findings: [
          { ...seen, waiting: waits },
          { ...seen, id: 'x' },
        ],
      }),
      fresh,
    )
    assert.deepEqual(await store.seen(['w', 'x', 'y']), new Set(['w', 'x']))
    assert.deepEqual(await store.waiting(['identity:shop/checkout'], START), [waits])
    assert.deepEqual(await store.waiting(['identity:shop/checkout'], START + 1), [])
    assert.deepEqual(await store.waiting(['identity:other'], START), [])
    await store.forgetWaiting(START)
    assert.equal((await store.waiting([seen.group], START)).length, 1)
    await store.apply(change({ findings: [{ ...seen, incident: 'i' }] }), fresh)
    assert.deepEqual(await store.waiting([seen.group], START), [])
    await store.apply(change({ findings: [{ ...seen, waiting: waits }] }), fresh)
    await store.forgetWaiting(START + 1)
    assert.deepEqual(await store.waiting([seen.group], START), [])
    assert.equal((await store.seen(['w'])).size, 1)
  })

  test(`${name}: finds incidents that are overdue or touch an identity`, async () => {
    const store = await open()
    const [one, two] = [incident('a'), incident('b', { end: START + 5, callee: 'caller-a' })]
    const done = { ...incident('c'), state: 'resolved' as const }
    await store.apply(change({ incidents: [two, one, done] }), fresh)
    assert.deepEqual(await store.overdue(one.resolvesAt - 1, 9), [])
    assert.deepEqual(await store.overdue(one.resolvesAt, 9), [one])
    assert.deepEqual(await store.overdue(two.resolvesAt, 1), [one])
    assert.deepEqual(await store.touching(['caller-a'], { since: START, until: START + 5 }), [two, one])
    assert.deepEqual(await store.touching(['caller-a'], { since: START + 1, until: START + 5 }), [two])
    assert.deepEqual(await store.touching(['nobody'], { since: 0, until: START + 5 }), [])
  })

  test(`${name}: lists newest first, page by page, also while new ones arrive`, async () => {
    const store = await open()
    const all = Array.from({ length: 7 }, (_, n) => incident(`i${n}`, { end: START + Math.floor(n / 2) }))
    await store.apply(change({ incidents: all }), fresh)
    const seen: string[] = []
    let page = await store.list({}, 3)
    while (true) {
      seen.push(...page.incidents.map(({ id }) => id))
      if (page.next === undefined) break
      await store.apply(change({ incidents: [incident(`late${seen.length}`, { end: START + 50 })] }), fresh)
      page = await store.list({}, 3, page.next)
    }
    const sorted = all.toSorted((a, b) => b.openedAt - a.openedAt || (a.id < b.id ? 1 : -1))
    assert.deepEqual(
      seen,
      sorted.map(({ id }) => id),
    )
  })

  test(`${name}: filters by all that the filter names`, async () => {
    const store = await open()
    const high = incident('h', { severity: 'high', detector: 'volume', end: START + 2 })
    const plain = incident('p')
    const done = { ...incident('d', { end: START + 1 }), state: 'resolved' as const }
    await store.apply(change({ incidents: [high, plain, done] }), fresh)
    const found = async (filter: Parameters<IncidentStore['list']>[0]) =>
      (await store.list(filter, 9)).incidents.map(({ id }) => id)
    assert.deepEqual(await found({ state: ['open'] }), [high.id, plain.id])
    assert.deepEqual(await found({ state: ['resolved', 'acknowledged'] }), [done.id])
    assert.deepEqual(await found({ severity: ['high'] }), [high.id])
    assert.deepEqual(await found({ detector: 'volume' }), [high.id])
    assert.deepEqual(await found({ identity: 'callee-p' }), [plain.id])
    assert.deepEqual(await found({ identity: "x' OR '1'='1" }), [])
    assert.deepEqual(await found({ since: START + 1, until: START + 1 }), [done.id])
    assert.deepEqual(await found({ state: ['open'], severity: ['medium'], identity: 'caller-p' }), [plain.id])
  })

  test(`${name}: hands out deliveries by severity, then age, and only those due to the endpoint`, async () => {
    const store = await open()
    const [one, two] = [incident('a'), incident('b', { severity: 'critical' })]
    const old = delivery(one, { id: 'old', createdAt: START - 9 })
    const later = delivery(one, { id: 'later', dueAt: START + 1 })
    const elsewhere = delivery(two, { id: 'elsewhere', endpoint: 'chat' })
    const owed = [delivery(one, { id: 'young' }), old, later, delivery(two, { id: 'worst' }), elsewhere]
    await store.apply(change({ incidents: [one, two], deliveries: owed }), fresh)
    const due = await store.due('pager', START, 9)
    assert.deepEqual(
      due.map(({ id }) => id),
      ['worst', 'old', 'young'],
    )
    assert.deepEqual(due[1], old)
    assert.equal((await store.due('pager', START, 1)).length, 1)
    assert.deepEqual(await store.outbox(), { owed: 5, oldestCreatedAt: START - 9 })
    await store.hasten('pager', START)
    assert.equal((await store.due('pager', START, 9)).length, 4)
  })

  test(`${name}: a superseded delivery stays so, unless it arrived after all`, async () => {
    const store = await open()
    const one = incident('a')
    const first = delivery(one)
    await store.apply(change({ incidents: [one], deliveries: [first] }), fresh)
    const second = delivery({ ...one, version: 2 })
    await store.apply(change({ deliveries: [second, first], superseded: [first.id] }), fresh)
    const states = async () => (await store.deliveries(one.id)).map(({ state }) => state)
    assert.deepEqual(await states(), ['superseded', 'owed'])
    await store.settle({ ...first, attempts: 1, lastError: 'timeout' })
    assert.deepEqual(await states(), ['superseded', 'owed'])
    await store.settle({ ...first, attempts: 1, state: 'delivered' })
    assert.deepEqual(await states(), ['delivered', 'owed'])
    await store.apply(change({ superseded: [first.id] }), fresh)
    assert.deepEqual(await states(), ['delivered', 'owed'])
  })

  test(`${name}: keeps what became of an attempt, and drops what is owed to a disabled endpoint`, async () => {
    const store = await open()
    const one = incident('a')
    await store.apply(change({ incidents: [one], deliveries: [delivery(one)] }), fresh)
    const [{ notification: _, ...owed }] = await store.due('pager', START, 1)
    await store.settle({ ...owed, attempts: 1, dueAt: START + 9, lastError: 'timeout' })
    assert.deepEqual(await store.deliveries(one.id), [
      { ...owed, attempts: 1, dueAt: START + 9, lastError: 'timeout' },
    ])
    await store.disableEndpoint('pager', START)
    await store.disableEndpoint('pager', START + 1)
    assert.deepEqual(await store.disabledEndpoints(), ['pager'])
    assert.deepEqual((await store.deliveries(one.id))[0].state, 'dropped')
  })

  test(`${name}: drops what is owed to endpoints that are no longer named`, async () => {
    const store = await open()
    const one = incident('a')
    const deliveries = [delivery(one), delivery(one, { id: 'other', endpoint: 'chat' })]
    await store.apply(change({ incidents: [one], deliveries }), fresh)
    await store.keepEndpoints(['pager', 'new'])
    const kept = await store.deliveries(one.id)
    assert.deepEqual(
      kept.map(({ endpoint, state, lastError }) => [endpoint, state, lastError]),
      [
        ['chat', 'dropped', 'endpoint-removed'],
        ['pager', 'owed', undefined],
      ],
    )
  })

  test(`${name}: numbers decisions in the order they were made`, async () => {
    const store = await open()
    const decision = {
      decision: 'expected',
      caller: 'a',
      author: 'x',
      reason: 'y',
      time: 1,
      expiresAt: 2,
    } as const
    const first = await store.decide(decision)
    const second = await store.decide({ ...decision, caller: 'b' })
    assert.ok(second > first)
    assert.deepEqual(await store.decisionsFrom(0, 1), [{ offset: first, decision }])
    assert.deepEqual(
      (await store.decisionsFrom(first + 1, 9)).map(({ offset }) => offset),
      [second],
    )
  })

  test(`${name}: keeps the next finding with the change that takes the others in`, async () => {
    const store = await open()
    const one = incident('a')
    assert.equal(await store.nextFinding(), undefined)
    await store.apply(change({ incidents: [one], nextFinding: 0 }), fresh)
    assert.equal(await store.nextFinding(), 0)
    await store.apply(change({ nextFinding: 17 }), fresh)
    await store.apply(change({ findings: [{ id: 'x', group: 'g', time: START }] }), fresh)
    assert.equal(await store.apply(change({ nextFinding: 18 }), new Map([[one.id, 7]])), 'conflict')
    assert.equal(await store.nextFinding(), 17)
  })

  test(`${name}: lists a rare kind among many`, async () => {
    const store = await open()
    const many = Array.from({ length: 700 }, (_, n) =>
      incident(`i${n}`, { end: START + n, detector: n % 300 === 0 ? 'rare' : 'volume', caller: `c${n % 9}` }),
    )
    for (let from = 0; from < many.length; from += 100)
      await store.apply(change({ incidents: many.slice(from, from + 100) }), fresh)
    const { incidents, next } = await store.list({ detector: 'rare', state: ['open'] }, 2)
    assert.deepEqual(
      incidents.map(({ openedAt }) => openedAt - START),
      [600, 300],
    )
    const last = await store.list({ detector: 'rare', state: ['open'] }, 2, next)
    assert.deepEqual([last.incidents.map(({ openedAt }) => openedAt - START), last.next], [[0], undefined])
    const near = { since: START, until: START + 690 }
    const touched = await store.touching(['c0', 'c1', 'nobody'], near)
    assert.equal(touched.length, 100)
    assert.deepEqual(
      touched.slice(0, 3).map(({ openedAt }) => openedAt - START),
      [685, 684, 676],
    )
    assert.equal((await store.list({ identity: 'c4' }, 200)).incidents.length, 78)
  })

  test(`${name}: a long outbox is walked to its end`, async () => {
    const store = await open()
    const one = incident('a')
    const deliveries = Array.from({ length: 1100 }, (_, n) =>
      delivery(one, { id: `d${n}`, createdAt: START + n, dueAt: START + (n < 1090 ? 60_000 : 0) }),
    )
    await store.apply(change({ incidents: [one], deliveries }), fresh)
    const due = async (limit: number) => (await store.due('pager', START, limit)).map(({ id }) => id)
    assert.deepEqual(await due(2), ['d1090', 'd1091'])
    assert.equal((await due(50)).length, 10)
    await store.hasten('pager', START)
    assert.equal((await due(2000)).length, 1100)
    assert.equal((await store.deliveries(one.id)).filter(({ dueAt }) => dueAt === START).length, 1100)
    await store.disableEndpoint('pager', START)
    assert.deepEqual(await store.outbox(), { owed: 0, oldestCreatedAt: undefined })
  })
}
