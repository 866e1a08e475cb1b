import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { positionsOf, restore, takeCheckpoint } from '../../analyzer/engine/checkpoint.ts'
import type { Engine } from '../../analyzer/engine/engine.ts'
import { findPair } from '../../analyzer/engine/pair-index.ts'
import { processBatch } from '../../analyzer/engine/process.ts'
import { openEngines } from '../../cli/engines.ts'
import { addEvent, createPacker, seal } from '../../collector/pack.ts'
import type { EventBatch } from '../../domain/batch.ts'
import type { CallEvent } from '../../domain/event.ts'
import { generationOf } from '../../domain/generation.ts'
import { configOf } from './play.ts'

/** A log that is rotated for ever: each generation of it is another source to the engine. */

const START = Date.UTC(2026, 0, 5, 10)

/** One call that both ends of an edge would log, in one generation. */
function batchOf(generation: number, caller = 'web'): EventBatch {
  const packer = createPacker(1)
  const event: CallEvent = {
    kind: 'call',
    time: START + generation * 1000,
    caller,
    callee: 'ledger',
    callerVerified: true,
    side: 'server',
    denied: false,
    count: 1,
  }
  const place = {
    source: 'access.log',
    generation: generationOf('mark', generation),
    offset: 70,
    line: 2,
    index: 0,
  }
  addEvent(packer, event, place)
  return seal(packer, [{ ...place, offset: 100 + generation, line: 3 }])[0]
}

function rotate(engine: Engine, from: number, to: number): void {
  for (let generation = from; generation < to; generation++) processBatch(engine, batchOf(generation))
}

function evidence(engine: Engine, caller: string): string[] {
  const { identityNames, edgeIndex } = engine.state
  const [from, to] = [caller, 'ledger'].map((name) => identityNames.ids.get(name) ?? -1)
  return engine.world.evidenceOf(findPair(edgeIndex, from, to)).map(({ generation }) => generation)
}

const newEngine = (): Engine => openEngines(configOf())[0]

describe('generations of a source', () => {
  it('are forgotten, but for the newest ones', () => {
    const engine = newEngine()
    rotate(engine, 1, 3000)
    const { sources } = engine.state
    assert.ok(sources.ids.size <= 128 && sources.texts.length <= 128, `${sources.ids.size} are known`)
    assert.ok(engine.next.size <= 128)
    for (let generation = 2999; generation > 2999 - 32; generation--)
      assert.ok(sources.ids.has(`access.log\u0000mark-${generation}`))
    assert.deepEqual(evidence(engine, 'web').sort(), ['mark-2998', 'mark-2999'])
  })

  it('are kept as long as evidence names them', () => {
    const engine = newEngine()
    processBatch(engine, batchOf(1, 'rare'))
    rotate(engine, 2, 3000)
    assert.deepEqual(evidence(engine, 'rare'), ['mark-1'])
  })

  it('do not count twice when the newest are read again', () => {
    const engine = newEngine()
    rotate(engine, 1, 1000)
    const { calls } = engine.counters
    rotate(engine, 970, 1000)
    assert.equal(engine.counters.calls, calls)
    assert.equal(engine.counters.repeated, 30)
    assert.deepEqual(positionsOf(engine), [
      { source: 'access.log', generation: 'mark-999', offset: 1099, line: 3 },
    ])
  })

  it('have the same numbers after a restart', () => {
    const undisturbed = newEngine()
    const stopped = newEngine()
    const pages = new Map<string, Uint8Array>()
    for (const [from, to] of [
      [1, 65],
      [65, 130],
      [130, 200],
    ]) {
      rotate(undisturbed, from, to)
      rotate(stopped, from, to)
      for (const [page, bytes] of takeCheckpoint(stopped, 1).pages) pages.set(page, bytes)
    }
    const restored = newEngine()
    restore(restored, { ...takeCheckpoint(stopped, 2), pages })
    for (const engine of [undisturbed, restored]) rotate(engine, 200, 500)
    assert.deepEqual([...restored.state.sources.ids].sort(), [...undisturbed.state.sources.ids].sort())
    assert.deepEqual([...restored.next].sort(), [...undisturbed.next].sort())
    assert.deepEqual(evidence(restored, 'web'), evidence(undisturbed, 'web'))
  })
})
