import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginsAt, newProductAt } from '../demo/novelty.ts'
import { deployOn } from '../demo/pods.ts'
import { topologyOf } from '../demo/topology.ts'
import { accessRows, DAY, HOUR, linesOf, MINUTE, START } from './demo-rows.ts'

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1)

test('two to four deploys bring a call to a platform service that the caller’s peers know', () => {
  for (const seed of SEEDS) {
    const topology = topologyOf(seed)
    const adopted = topology.edges.filter(({ novelty }) => novelty === 'adopted')
    assert.ok(adopted.length >= 2 && adopted.length <= 4)
    for (const edge of adopted) {
      const time = beginsAt(topology, edge, START)
      assert.ok(time > START + 4 * DAY && time < START + 14 * DAY)
      assert.equal(deployOn(seed, edge.caller, Math.floor(time / DAY)), time - 2 * MINUTE)
      const others = topology.edges.filter(
        ({ callee, caller }) => callee === edge.callee && caller !== edge.caller,
      )
      assert.ok(others.length >= 15, `${edge.callee.name} has ${others.length} other callers`)
    }
  }
})

test('a new product comes with new callers and new callees only', () => {
  for (const seed of SEEDS) {
    const { services, edges } = topologyOf(seed)
    assert.equal(services.filter(({ isNew }) => isNew).length, 3)
    assert.ok(edges.every(({ caller, callee }) => !callee.isNew || caller.isNew))
    assert.ok(edges.every(({ caller, novelty }) => caller.isNew === (novelty === 'new product')))
  }
})

test('every ordinary edge is used on the first day, and new ones from their time on', () => {
  const topology = topologyOf(11)
  const keyOf = (caller: string, callee: string) => `${caller}>${callee}`
  const comesAt = newProductAt(topology, START)
  const firstSeen = (start: number, end: number) => {
    const seen = new Map<string, number>()
    for (const row of accessRows(linesOf({ seed: 11, start, end })))
      if (!seen.has(keyOf(row.caller, row.callee))) seen.set(keyOf(row.caller, row.callee), row.time)
    return seen
  }
  const dayOne = firstSeen(START, START + DAY)
  for (const { caller, callee, novelty } of topology.edges)
    assert.equal(dayOne.has(keyOf(caller.identity, callee.identity)), novelty === undefined)
  assert.ok(comesAt > START + 7 * DAY && comesAt < START + 11 * DAY)
})

test('pods of a new product are born with it', () => {
  const seed = 12
  const topology = topologyOf(seed)
  const comesAt = newProductAt(topology, START)
  const isNew = (line: string) =>
    topology.services.some(({ isNew, name }) => isNew && line.includes(`/${name}"`))
  const lines = linesOf({ seed, end: comesAt + HOUR, rate: 0.02 }).filter(({ line }) => isNew(line))
  assert.equal(lines[0].source, 'ca/step-ca.jsonl')
  assert.equal(lines[0].time, comesAt)
  assert.ok(lines.some(({ source }) => source === 'mesh/inbound.jsonl'))
})

test('a deploy gives a service new addresses', () => {
  const topology = topologyOf(13)
  const service = topology.services.find(({ name }) => name === 'gateway')!
  const day = Array.from({ length: 9 }, (_, i) => START / DAY + 1 + i).find(
    (each) => deployOn(13, service, each) !== undefined,
  )!
  const deployedAt = deployOn(13, service, day)!
  const rows = accessRows(linesOf({ seed: 13, start: deployedAt - HOUR, end: deployedAt + HOUR }))
  const addressesWhere = (isIn: (time: number) => boolean) =>
    new Set(
      rows.filter(({ caller, time }) => caller === service.identity && isIn(time)).map((r) => r.address),
    )
  const before = addressesWhere((time) => time < deployedAt)
  const after = addressesWhere((time) => time > deployedAt + 4 * MINUTE)
  assert.ok(before.size > 0 && after.size > 0)
  assert.deepEqual(
    [...before].filter((address) => after.has(address)),
    [],
  )
})
