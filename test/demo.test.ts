import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { generate } from '../demo/generate.ts'
import { topologyOf } from '../demo/topology.ts'
import { canonicalSerial } from '../domain/credential.ts'
import { canonicalIdentity } from '../domain/identity.ts'
import { accessRows, caRows, DAY, HOUR, linesOf, MINUTE, START } from './demo-rows.ts'

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1)

test('a seed gives the same bytes again, another seed gives others', () => {
  const text = (seed: number) => linesOf({ seed, attackStart: START + 10 * MINUTE }).map(({ line }) => line)
  assert.deepEqual(text(3), text(3))
  assert.notDeepEqual(text(3), text(4))
})

test('lines come in order of time and within the span, to the millisecond', () => {
  const [start, end] = [START + 12_345, START + 2 * HOUR + 54_321]
  const lines = linesOf({ start, end, attackStart: START + HOUR })
  assert.ok(lines.length > 2000)
  assert.ok(lines.every(({ time }) => time >= start && time < end))
  assert.ok(lines.every(({ time }, i) => i === 0 || time >= lines[i - 1].time))
  for (const row of accessRows(lines)) assert.ok(row.startedAt >= start && row.startedAt <= row.time)
})

test('a shop plays without end', () => {
  const hours = new Set<number>()
  for (const { time } of generate({ seed: 5, start: START, end: Number.POSITIVE_INFINITY })) {
    hours.add(Math.floor(time / HOUR))
    if (hours.size > 3) break
  }
  assert.equal(hours.size, 4)
})

test('an attack before the start is refused', () => {
  assert.throws(() => linesOf({ attackStart: START - 1 }), /attackStart/)
})

/** Real rows, by what they are. */
const fixture = (path: string) =>
  readFileSync(new URL(`fixtures/captures/${path}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('calls have keys and kinds of values of real Envoy rows', () => {
  const [real] = fixture('envoy/inbound-ledger-1.jsonl')
  for (const { source, line } of linesOf({})) {
    if (source !== 'mesh/inbound.jsonl') continue
    const row = JSON.parse(line)
    for (const [key, value] of Object.entries(row)) assert.equal(typeof value, typeof real[key], key)
    assert.deepEqual(canonicalIdentity(row.downstream_peer_uri_san), {
      identity: row.downstream_peer_uri_san,
    })
    assert.ok(canonicalSerial(row.downstream_peer_serial, 16) !== undefined)
    assert.match(row.downstream_peer_fingerprint_256, /^[0-9a-f]{64}$/)
    assert.match(row.request_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.ok(line.length > 750 && line.length < 1200)
  }
})

test('rows of the CA have the keys of real step-ca rows, but for the certificate and the token', () => {
  const real = fixture('step-ca/ca.jsonl')
  const paths = new Set<string>()
  for (const { source, line } of linesOf({ end: START + 2 * HOUR, attackStart: START + HOUR })) {
    if (source !== 'ca/step-ca.jsonl') continue
    const row = JSON.parse(line)
    const alike = real.find(({ path, error }) => path === row.path && error === undefined)
    assert.ok(alike !== undefined, row.path)
    const { certificate, ott, ...expected } = alike
    assert.deepEqual(Object.keys(row), Object.keys(expected))
    for (const [key, value] of Object.entries(row)) assert.equal(typeof value, typeof expected[key], key)
    paths.add(row.path)
  }
  assert.deepEqual([...paths].sort(), ['/rekey', '/renew', '/revoke', '/sign'])
})

test('each seed is another shop of 38 to 45 services and 120 to 170 edges', () => {
  const shapes = SEEDS.map((seed) => {
    const { services, edges } = topologyOf(seed)
    assert.ok(services.length >= 38 && services.length <= 45, `${services.length} services`)
    assert.ok(edges.length >= 120 && edges.length <= 170, `${edges.length} edges`)
    assert.equal(new Set(services.map(({ identity }) => identity)).size, services.length)
    const used = new Set(edges.flatMap(({ caller, callee }) => [caller, callee]))
    assert.equal(used.size, services.length)
    return edges.map(({ caller, callee }) => `${caller.name}>${callee.name}`).join()
  })
  assert.equal(new Set(shapes).size, SEEDS.length)
})

test('two weeks are 1.0 to 1.5 million lines that follow the day and the week', () => {
  const weekly = new Float64Array(7)
  const daily = new Float64Array(24)
  const perMinute = new Map<number, number>()
  const busiest = [...topologyOf(1).edges].sort((a, b) => b.perMinute - a.perMinute)[0]
  const isBusiest = (line: string) =>
    line.includes(`peer_uri_san":"${busiest.caller.identity}"`) &&
    line.includes(`local_uri_san":"${busiest.callee.identity}"`)
  let count = 0
  for (const { time, line } of generate({ seed: 1, start: START, end: START + 14 * DAY })) {
    count++
    const hour = Math.floor((time % DAY) / HOUR)
    const day = Math.floor((time - START) / DAY) % 7
    weekly[day]++
    daily[hour]++
    if (hour === 16 && day < 5 && isBusiest(line)) {
      const minute = Math.floor(time / MINUTE)
      perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1)
    }
  }
  assert.ok(count >= 1.0e6 && count <= 1.5e6, `${count} lines`)
  assert.ok(daily[18] > 2 * daily[3], `${daily[18]} lines at 18, ${daily[3]} at 3`)
  assert.ok(weekly[5] + weekly[6] > 1.05 * (weekly[1] + weekly[2]), 'shoppers come at weekends')
  const seen = [...perMinute.values()]
  const minutes = Array.from({ length: 10 * 60 }, (_, i) => seen[i] ?? 0)
  const mean = minutes.reduce((sum, n) => sum + n, 0) / minutes.length
  const variance = minutes.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (minutes.length - 1)
  assert.ok(mean > 2, `${mean} calls a minute`)
  assert.ok(variance > 1.3 * mean, `variance ${variance} at mean ${mean}`)
})

test('the nightly batch comes every night from 02:00 to 02:40, and only then', () => {
  const { services, edges } = topologyOf(2)
  const batch = services.find(({ tier }) => tier === 'batch')!
  const nightly = edges.filter(({ caller, perMinute }) => caller === batch && perMinute === 0)
  const rows = accessRows(linesOf({ seed: 2, end: START + 2 * DAY, rate: 0.05 })).filter(
    ({ caller, callee }) =>
      nightly.some((edge) => edge.caller.identity === caller && edge.callee.identity === callee),
  )
  const minutes = rows.map(({ time }) => Math.floor((time % DAY) / MINUTE))
  assert.ok(Math.min(...minutes) === 120 && Math.max(...minutes) === 159)
  assert.equal(rows.length, 2 * nightly.length * 40 * 12)
})

test('each pod renews about hourly, and shows no certificate before it was issued or after it expired', () => {
  const lines = linesOf({ seed: 7, end: START + DAY, rate: 0.5 })
  const issued = caRows(lines)
  const issuedAt = new Map(issued.map(({ serial, time }) => [serial, time]))
  assert.equal(issuedAt.size, issued.length)
  const rows = accessRows(lines)
  for (const { serial, startedAt, time, validTo } of rows) {
    assert.ok((issuedAt.get(canonicalSerial(serial, 16)!) ?? Number.POSITIVE_INFINITY) <= startedAt)
    assert.ok(time < validTo)
  }
  const byPod = Map.groupBy(issued, ({ address }) => address)
  const gaps = [...byPod.values()].flatMap((times) =>
    times.slice(2).map(({ time }, i) => time - times[i + 1].time),
  )
  assert.ok(gaps.length > 1000)
  assert.ok(gaps.every((gap) => gap > 55 * MINUTE && gap < 63 * MINUTE))
})

test('a connection shows one certificate from one address, and a new one the newest', () => {
  const lines = linesOf({ seed: 8, end: START + DAY, rate: 0.5 })
  const byConnection = Map.groupBy(accessRows(lines), ({ connection }) => connection)
  for (const rows of byConnection.values())
    assert.equal(new Set(rows.map(({ serial, address }) => `${serial} ${address}`)).size, 1)
  const issued = Map.groupBy(caRows(lines), ({ address }) => address)
  const old = [...byConnection.values()].filter(([{ address, serial, time }]) => {
    const known = issued.get(address)!.filter((row) => row.time < time - 10_000)
    return known.length > 0 && known.at(-1)!.serial !== canonicalSerial(serial, 16)
  })
  assert.deepEqual(old, [])
  assert.ok([...byConnection.values()].some((rows) => rows.length > 20))
})
