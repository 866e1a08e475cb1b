import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { restore, takeCheckpoint } from '../../analyzer/engine/checkpoint.ts'
import type { Engine } from '../../analyzer/engine/engine.ts'
import { isForeign } from '../../analyzer/engine/foreign.ts'
import { idOf } from '../../analyzer/engine/interner.ts'
import { findPair } from '../../analyzer/engine/pair-index.ts'
import { processBatch } from '../../analyzer/engine/process.ts'
import { openEngines } from '../../cli/engines.ts'
import { addEvent, addFact, addWatermark, createPacker, seal } from '../../collector/pack.ts'
import type { CallEvent } from '../../domain/event.ts'
import { configOf } from './play.ts'

const DAY_MS = 86_400_000
const START = Date.UTC(2026, 0, 5, 10)

/** One partition's engine with a stream to write to. */
function partition(yaml = '') {
  const [engine] = openEngines(configOf(yaml))
  const packer = createPacker(1)
  let line = 0
  return {
    engine,
    packer,
    call: (caller: string, callee: string, time: number, more: Partial<CallEvent> = {}) => {
      const place = { source: 'log', generation: '1', offset: line * 100, line: ++line, index: 0 }
      const call: CallEvent = {
        kind: 'call',
        time,
        caller,
        callee,
        callerVerified: true,
        side: 'server',
        denied: false,
        count: 1,
        ...more,
      }
      addEvent(packer, call, place)
    },
    passTo: (time: number) => {
      for (let day = Math.ceil(START / DAY_MS) * DAY_MS; day <= time; day += DAY_MS) addWatermark(packer, day)
      for (const batch of seal(packer, [])) processBatch(engine, batch)
    },
  }
}

const rowOf = (engine: Engine, name: string) => idOf(engine.state.identityNames, name)

function hasEdge(engine: Engine, caller: string, callee: string): boolean {
  const [from, to] = [rowOf(engine, caller), rowOf(engine, callee)]
  return from >= 0 && to >= 0 && findPair(engine.state.edgeIndex, from, to) >= 0
}

describe('what nobody used for long', () => {
  it('is forgotten: edges first, then identities without any', () => {
    const { engine, call, passTo } = partition('analyzer: { expireIdleDays: 5 }')
    call('old', 'store', START)
    call('web', 'store', START)
    passTo(START + DAY_MS)
    call('web', 'store', START + 4 * DAY_MS)
    passTo(START + 7 * DAY_MS)
    assert.ok(hasEdge(engine, 'web', 'store'))
    assert.ok(!hasEdge(engine, 'old', 'store'))
    assert.equal(rowOf(engine, 'old'), -1)
    assert.ok(rowOf(engine, 'store') >= 0)
  })

  it('keeps the names of edges that other partitions told, so that no other takes their rows', () => {
    const { engine, packer, call, passTo } = partition()
    call('web', 'store', START)
    addFact(packer, { fact: 'edge-trusted', partition: 1, caller: 'far', callee: 'vault', time: START })
    passTo(START + 3 * DAY_MS)
    const [from, to] = [rowOf(engine, 'far'), rowOf(engine, 'vault')]
    assert.ok(from >= 0 && to >= 0)
    assert.ok(isForeign(engine.state, from, to))
    const { identities } = engine.state
    assert.equal(identities.u32[to * identities.words + identities.at.inDegree], 1)
  })

  it('keeps as many edges of other partitions as there may be edges, the newest', () => {
    const { engine, packer, passTo } = partition('analyzer: { maxEdges: 100 }')
    for (let i = 0; i < 150; i++)
      addFact(packer, {
        fact: 'edge-trusted',
        partition: 1,
        caller: `far ${i}`,
        callee: 'vault',
        time: START,
      })
    passTo(START)
    const isKept = (one: Engine, i: number) =>
      isForeign(one.state, rowOf(one, `far ${i}`), rowOf(one, 'vault'))
    const [restored] = openEngines(configOf('analyzer: { maxEdges: 100 }'))
    restore(restored, takeCheckpoint(engine, 1))
    for (const one of [engine, restored])
      for (let i = 0; i < 150; i++) assert.equal(isKept(one, i), i >= 50, `far ${i}`)
    assert.equal(engine.counters.overflow, 50)
  })

  it('is missed no longer: who takes its row begins anew', () => {
    const { engine, packer, call, passTo } = partition('analyzer: { expireIdleDays: 5 }')
    for (const day of [0, 1, 2]) {
      addWatermark(packer, START + day * DAY_MS)
      call('old', 'store', START + day * DAY_MS, { count: 1_000_000 })
      passTo(START + (day + 1) * DAY_MS)
    }
    const steady = () =>
      [...engine.counted.edge, ...engine.counted.identity].map(({ windows }) => windows.steady.length)
    assert.deepEqual(steady(), [1, 1, 1, 1])
    passTo(START + 8 * DAY_MS)
    assert.equal(rowOf(engine, 'old'), -1)
    assert.deepEqual(steady(), [0, 0, 0, 0])
  })

  it('makes room when a table is full, and the newest stay', () => {
    const { engine, call, passTo } = partition(
      'analyzer: { maxEdges: 100, maxConnections: 100, maxCredentials: 100 }',
    )
    for (let i = 0; i < 1000; i++) {
      const credential = { kind: 'x509' as const, issuer: 'CA', id: `${i}`.padStart(32, 'a') }
      call('web', `store ${i}`, START + i * 1000, { credential, connection: `${i}`, reporter: 'store' })
    }
    passTo(START)
    const { edges, connections, credentials } = engine.state
    for (const table of [edges, connections, credentials]) {
      assert.ok(table.rows <= 101, `${table.name} has ${table.rows} rows`)
      assert.ok(table.rows - table.free.length >= 90)
    }
    for (let i = 990; i < 1000; i++) assert.ok(hasEdge(engine, 'web', `store ${i}`))
    assert.ok(!hasEdge(engine, 'web', 'store 0'))
  })
})
