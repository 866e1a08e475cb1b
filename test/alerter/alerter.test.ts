import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Committed } from '../../alerter/commit.ts'
import type { AttemptReport } from '../../alerter/deliver.ts'
import type { Endpoint } from '../../alerter/endpoint.ts'
import type { Attempt } from '../../alerter/judge.ts'
import { type Alerter, startAlerter } from '../../alerter/main.ts'
import type { Finding } from '../../domain/finding.ts'
import { hmacHex, sha256Hex } from '../../io/hash.ts'
import { openDatabase } from '../../io/sqlite.ts'
import { SqliteIncidents } from '../../io/sqlite-incidents.ts'
import { finding, HOUR, MINUTE, revoked, START } from './sample.ts'

const NOTHING = { updates: [], deliveries: [], superseded: [] }
const WALL = Date.UTC(2026, 5, 1)
const options = {
  quietMinutes: 60,
  certainQuietHours: 24,
  agreementMinutes: 60,
  inFlightPerEndpoint: 2,
  attemptSeconds: 15,
}

function endpoint(name: string, changed: Partial<Endpoint> = {}): Endpoint {
  const secrets = [`whsec_${'A'.repeat(32)}`]
  const own = { url: 'https://receiver.example/', secrets }
  return { name, channel: 'webhook', minimumSeverity: 'low', options: own, ...changed }
}

interface Sent {
  readonly id: string
  readonly body: string
}

/** An alerter with an embedded store, a wall clock that the test sets, and a receiver that answers as told. */
function bench(endpoints: readonly Endpoint[] = [endpoint('pager')]) {
  const store = new SqliteIncidents(openDatabase(':memory:'))
  const state = { now: WALL, answer: { outcome: 'delivered', status: 200 } as Attempt }
  const sent: Sent[] = []
  const changes: Committed[] = []
  const attempts: AttemptReport[] = []
  const start = () =>
    startAlerter({
      store,
      endpoints,
      options,
      send: async ({ id, body }) => {
        sent.push({ id, body })
        return state.answer
      },
      sha256Hex,
      hmacHex: (text) => hmacHex(new Uint8Array(32), text),
      clock: () => state.now,
      dice: () => 0.5,
      onChange: (change) => changes.push(change),
      onAttempt: (attempt) => attempts.push(attempt),
    })
  return { store, state, sent, changes, attempts, start, alerter: start() }
}

const parsed = (sent: Sent) => JSON.parse(sent.body)

test('an incident is told once, however often its findings arrive', async () => {
  const { alerter, sent, start } = bench()
  await alerter.accept([finding('f1')])
  await alerter.deliverDue()
  await alerter.accept([finding('f1')])
  const restarted = start()
  assert.deepEqual(await restarted.accept([finding('f1')]), NOTHING)
  await restarted.deliverDue()
  assert.equal(sent.length, 1)
  assert.equal(parsed(sent[0]).type, 'incident.opened')
  assert.equal(parsed(sent[0]).timestamp, new Date(START).toISOString())
})

test('a failed delivery is repeated on schedule with the same id and the same bytes', async () => {
  const { alerter, sent, state, start } = bench()
  state.answer = { outcome: 'status-5xx', status: 500 }
  await alerter.accept([finding('f1')])
  await alerter.deliverDue()
  state.now = WALL + 999
  await alerter.deliverDue()
  assert.equal(sent.length, 1)
  state.now = WALL + 1000
  await start().deliverDue()
  assert.equal(sent.length, 2)
  assert.deepEqual(sent[1], sent[0])
})

test('a notification that could not be written is written again when it can be', async () => {
  const pager = { ...endpoint('pager') }
  const { alerter, sent } = bench([pager])
  await alerter.accept([finding('f1')])
  pager.options = undefined
  await assert.rejects(alerter.deliverDue(), TypeError)
  pager.options = endpoint('pager').options
  await alerter.deliverDue()
  assert.equal(sent.length, 1)
})

test('an undelivered version gives way to the next one, which still says that the incident opened', async () => {
  const { alerter, store, sent } = bench()
  const opened = await alerter.accept([finding('f1')])
  await alerter.accept([finding('f2', { end: START + 1, severity: 'high' })])
  await alerter.deliverDue()
  assert.deepEqual(
    sent.map((each) => [parsed(each).type, parsed(each).data.version, parsed(each).data.severity]),
    [['incident.opened', 2, 'high']],
  )
  const states = await store.deliveries(opened.updates[0].after.id)
  assert.deepEqual(
    states.map(({ state }) => state),
    ['superseded', 'delivered'],
  )
})

test('what an endpoint is not told is kept with the reason', async () => {
  const { alerter, store, sent } = bench([
    endpoint('pager', { minimumSeverity: 'critical' }),
    endpoint('log'),
  ])
  const { updates } = await alerter.accept([finding('f1')])
  await alerter.deliverDue()
  assert.equal(sent.length, 1)
  const kept = await store.deliveries(updates[0].after.id)
  assert.deepEqual(
    kept.map(({ endpoint, state, lastError }) => [endpoint, state, lastError]),
    [
      ['log', 'delivered', undefined],
      ['pager', 'dropped', 'below-minimum-severity'],
    ],
  )
})

test('after 410 nothing more is sent, and later notifications say why', async () => {
  const { alerter, state, sent, store } = bench()
  state.answer = { outcome: 'gone', status: 410 }
  await alerter.accept([finding('f1')])
  await alerter.deliverDue()
  const { updates } = await alerter.accept([revoked('f2')])
  await alerter.deliverDue()
  assert.equal(sent.length, 1)
  const opened = updates.find(({ before }) => before === undefined)!.after
  const [kept] = await store.deliveries(opened.id)
  assert.deepEqual([kept.state, kept.lastError], ['dropped', 'endpoint-disabled'])
})

test('Retry-After holds off everything to that endpoint', async () => {
  const { alerter, state, sent } = bench()
  state.answer = { outcome: 'rate-limited', status: 429, retryAfter: '7' }
  await alerter.accept([finding('f1')])
  await alerter.deliverDue()
  await alerter.accept([revoked('f2', { caller: 'x', callee: 'y' })])
  state.now = WALL + 6999
  await alerter.deliverDue()
  assert.equal(sent.length, 1)
  state.now = WALL + 7000
  await alerter.deliverDue()
  assert.equal(sent.length, 3)
})

test('each attempt is reported, with what the endpoint asked for', async () => {
  const { alerter, state, sent, attempts } = bench()
  state.answer = { outcome: 'rate-limited', status: 429, retryAfter: '7' }
  await alerter.accept([finding('f1')])
  await alerter.deliverDue()
  state.now = WALL + 7000
  state.answer = { outcome: 'delivered', status: 200 }
  await alerter.deliverDue()
  const about = { incident: parsed(sent[0]).data.id, endpoint: 'pager' }
  assert.deepEqual(attempts, [
    { ...about, outcome: 'rate-limited', state: 'owed', attempts: 1, pauseMs: 7000 },
    { ...about, outcome: 'delivered', state: 'delivered', attempts: 2, pauseMs: 0 },
  ])
})

test('a dead endpoint gets single probes, and all that waited once it answers', async () => {
  const { alerter, state, sent } = bench()
  state.answer = { outcome: 'connect' }
  for (const n of [1, 2, 3, 4, 5, 6])
    await alerter.accept([finding(`f${n}`, { caller: `c${n}`, callee: `d${n}` })])
  for (; !alerter.circuits().get('pager'); state.now += 1000) await alerter.deliverDue()
  const attempts = sent.length
  assert.ok(attempts <= 6, `${attempts}`)
  state.now += 15_000
  await alerter.deliverDue()
  await alerter.deliverDue()
  assert.equal(sent.length, attempts + 1)
  state.now += 15_000
  state.answer = { outcome: 'delivered', status: 200 }
  for (let n = 0; n < 4; n++) await alerter.deliverDue()
  const delivered = new Set(sent.slice(attempts + 1).map(({ id }) => id))
  assert.equal(delivered.size, 6)
  assert.equal(alerter.circuits().get('pager'), false)
})

test('what was sent is not sent again because its outcome could not be written', async () => {
  const { alerter, sent, store } = bench()
  const { updates } = await alerter.accept([finding('f1')])
  const { settle } = store
  store.settle = () => Promise.reject(new Error('disk full'))
  for (let n = 0; n < 3; n++) await assert.rejects(alerter.deliverDue(), /disk full/)
  assert.equal(sent.length, 1)
  store.settle = settle
  await alerter.deliverDue()
  const [{ state, attempts }] = await store.deliveries(updates[0].after.id)
  assert.deepEqual([sent.length, state, attempts], [1, 'delivered', 1])
})

test('a quiet incident resolves itself and says so; a certain one waits a day', async () => {
  const { alerter, sent, state } = bench()
  await alerter.accept([finding('f1'), revoked('f2')])
  assert.equal((await alerter.tick(START + HOUR - 1)).updates.length, 0)
  const { updates } = await alerter.tick(START + 3 * HOUR)
  assert.deepEqual(
    updates.map(({ after }) => [after.group, after.state, after.transitions.at(-1)]),
    [
      [
        'identity:shop/checkout',
        'resolved',
        { time: START + HOUR, state: 'resolved', by: 'meshwatch', reason: 'nothing more was found' },
      ],
    ],
  )
  state.now += 1
  for (let n = 0; n < 3; n++) await alerter.deliverDue()
  assert.deepEqual(sent.map((each) => parsed(each).type).toSorted(), ['incident.opened', 'incident.resolved'])
  assert.equal((await alerter.tick(START + 25 * HOUR)).updates.length, 1)
})

test('an endpoint whose channel or options do not fit stops start-up without showing a value', () => {
  const startWith = (changed: Partial<Endpoint>) => () => bench([endpoint('pager', changed)])
  assert.throws(startWith({ channel: 'pigeon' }), /"pager" names the channel "pigeon": use one of webhook/)
  const wrong = { url: 'https://receiver.example/s3cret', secrets: ['s3cret'] }
  assert.throws(startWith({ options: wrong }), (error: Error) => !error.message.includes('s3cret'))
})

/** Findings of few callers and detectors, so that they meet, in steps of which some come again. */
const arbitraryFinding: fc.Arbitrary<Finding> = fc
  .record({
    id: fc.nat(30),
    caller: fc.constantFrom('a', 'b', 'c'),
    detector: fc.constantFrom('new-edge', 'volume'),
    severity: fc.constantFrom('info', 'low', 'high'),
    opens: fc.boolean(),
    minutes: fc.nat(180),
  })
  .map(({ id, minutes, ...rest }) => finding(`f${id}`, { ...rest, end: START + minutes * MINUTE }))
/** One finding for each id: ids are hashes of what a finding says. */
const arbitrarySteps = fc.array(
  fc.uniqueArray(arbitraryFinding, { selector: ({ id }) => id, maxLength: 6 }),
  { maxLength: 6 },
)

test('each finding is in one incident at most, and all of them again change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySteps, async (steps) => {
      const { alerter, store, start } = bench()
      for (const step of steps) await alerter.accept(step)
      const before = await everything(store)
      const ids = before.flatMap(({ findings }) => findings.map(({ id }) => id))
      assert.equal(new Set(ids).size, ids.length)
      const groups = before.filter(({ state }) => state !== 'resolved').map(({ group }) => group)
      assert.equal(new Set(groups).size, groups.length)
      for (const step of [...steps.toReversed(), ...steps]) await repeat(start(), step)
      assert.deepEqual(await everything(store), before)
    }),
    { numRuns: 60 },
  )
})

async function repeat(alerter: Alerter, step: readonly Finding[]) {
  const again = await alerter.accept(step.toReversed())
  assert.deepEqual(again, NOTHING)
}

async function everything(store: SqliteIncidents) {
  const { incidents } = await store.list({}, 200)
  return Promise.all(incidents.map(async ({ id }) => (await store.get(id))!))
}
