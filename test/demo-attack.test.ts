import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ATTACK_MS, type AttackPlan, plan } from '../demo/plan.ts'
import { topologyOf } from '../demo/topology.ts'
import { canonicalSerial } from '../domain/credential.ts'
import { type AccessRow, accessRows, caRows, DAY, HOUR, linesOf, MINUTE, START } from './demo-rows.ts'

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1)

/** Another hour of the week for each seed. */
const attackStartOf = (seed: number) => START + DAY + seed * 7 * HOUR + seed * 1234

interface Play {
  readonly truth: AttackPlan
  readonly rows: readonly AccessRow[]
  readonly ca: ReturnType<typeof caRows>
}

const plays = SEEDS.map((seed): Play => {
  const attackStart = attackStartOf(seed)
  const lines = linesOf({
    seed,
    start: attackStart - HOUR,
    end: attackStart + ATTACK_MS + 10 * MINUTE,
    attackStart,
  })
  return { truth: plan(seed, attackStart), rows: accessRows(lines), ca: caRows(lines) }
})

const between = (rows: readonly AccessRow[], caller: string, callee: string) =>
  rows.filter((row) => row.caller === caller && row.callee === callee)

test('the plan opens two edges that are no part of the shop, to places few call', () => {
  for (const seed of SEEDS) {
    const { compromised, firstTarget, nextTarget } = plan(seed, attackStartOf(seed))
    const { edges, services } = topologyOf(seed)
    const calls = (caller: string) =>
      edges.filter((edge) => edge.caller.identity === caller).map((edge) => edge.callee.identity)
    const callersOf = (callee: string) =>
      edges.filter((edge) => edge.callee.identity === callee).map((edge) => edge.caller.identity)
    assert.equal(new Set([compromised, firstTarget, nextTarget]).size, 3)
    for (const [caller, callee] of [
      [compromised, firstTarget],
      [firstTarget, nextTarget],
    ]) {
      const callers = callersOf(callee)
      assert.ok(!callers.includes(caller) && callers.length >= 1 && callers.length <= 2)
      assert.match(callee, /\/ns\/(data|finance)\//)
      const peers = [...calls(caller), ...callersOf(caller)]
      assert.deepEqual(
        peers.filter((peer) => callers.includes(peer)),
        [],
      )
    }
    const service = services.find(({ identity }) => identity === compromised)!
    assert.ok(!service.isNew && calls(compromised).length >= 4)
  }
})

test('twenty seeds compromise many services', () => {
  const plans = SEEDS.map((seed) => plan(seed, attackStartOf(seed)))
  assert.ok(new Set(plans.map(({ compromised }) => compromised)).size >= 5)
  assert.ok(new Set(plans.map((each) => `${each.compromised}>${each.firstTarget}`)).size >= 12)
})

test('the new edges are called from their time on and not before', () => {
  for (const { truth, rows } of plays) {
    const { compromised, firstTarget, nextTarget, times } = truth
    const first = between(rows, compromised, firstTarget)
    const next = between(rows, firstTarget, nextTarget)
    assert.equal(first[0].time, times.firstCallAt)
    assert.equal(next[0].time, times.nextCallAt)
    assert.ok(first.length === 18 && next.length === 12)
    assert.ok([...first, ...next].every(({ time }) => time < times.end))
    const own = new Set(rows.filter(({ caller }) => caller === compromised).map(({ serial }) => serial))
    const shownElsewhere = new Set(
      rows
        .filter(({ caller, callee }) => caller === compromised && callee !== firstTarget)
        .map((r) => r.serial),
    )
    assert.deepEqual(own, shownElsewhere)
  }
})

test('the compromised service pulls ten times its usual over an ordinary edge', () => {
  for (const { truth, rows } of plays) {
    const { volumeEdge, times } = truth
    const calls = between(rows, volumeEdge.caller, volumeEdge.callee)
    const during = calls.filter(({ time }) => time >= times.volumeFrom && time < times.volumeTo)
    const before = calls.filter(({ time }) => time < times.start)
    const perMinute = during.length / ((times.volumeTo - times.volumeFrom) / MINUTE)
    assert.ok(perMinute >= 40 && perMinute < 75, `${perMinute} calls a minute`)
    assert.ok(before.length > 0 && before.length / 60 < 8, `${before.length} calls in the hour before`)
    assert.ok(during.filter(({ bytesOut }) => bytesOut >= 150_000).length >= 40 * 7)
  }
})

test('the revoked certificate is used on new connections from elsewhere, more than two minutes later', () => {
  for (const { truth, rows, ca } of plays) {
    const { revoked, times } = truth
    const [revocation] = ca.filter(({ path }) => path === '/revoke')
    assert.deepEqual([revocation.serial, revocation.time], [revoked.serialHex, times.revokedAt])
    const uses = rows.filter(({ serial }) => canonicalSerial(serial, 16) === revoked.serialHex)
    assert.ok(uses.every(({ caller }) => caller === revoked.identity))
    const home = uses[0].address
    const begins = new Map(uses.toReversed().map((use) => [use.connection, use.time]))
    const stolen = uses.filter(({ address }) => address !== home)
    assert.equal(stolen.length, 8)
    assert.equal(new Set(stolen.map(({ connection }) => connection)).size, 2)
    for (const use of stolen) assert.ok(begins.get(use.connection)! > times.revokedAt + 2 * MINUTE)
  }
})

test('its holder goes on for less than a minute, on connections from before, and has another certificate', () => {
  for (const { truth, rows, ca } of plays) {
    const { revoked, times } = truth
    const uses = rows.filter(({ serial }) => canonicalSerial(serial, 16) === revoked.serialHex)
    const home = uses[0].address
    const after = uses.filter(({ address, time }) => address === home && time > times.revokedAt)
    const early = new Set(
      uses.filter(({ time }) => time < times.renewedAt + 15_000).map((use) => use.connection),
    )
    assert.ok(after.length >= 2)
    assert.ok(after.every(({ connection }) => early.has(connection)))
    assert.ok(after.every(({ time }) => time < times.revokedAt + MINUTE))
    const rekey = ca.find(({ path, time }) => path === '/rekey' && time === times.renewedAt)!
    assert.ok(
      rows.some(({ serial, address }) => canonicalSerial(serial, 16) === rekey.serial && address === home),
    )
  }
})
