import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { restore, stepCheckpoint, takeCheckpoint } from '../../analyzer/engine/checkpoint.ts'
import type { Engine } from '../../analyzer/engine/engine.ts'
import { takeRow } from '../../analyzer/engine/table.ts'
import { openEngines } from '../../cli/engines.ts'
import type { Checkpoint } from '../../domain/ports.ts'
import { configOf } from './play.ts'

const EDGES = 100_000

/** An engine with many edges, each unlike the others. */
function busyEngine(): Engine {
  const [engine] = openEngines(configOf('stream: { partitions: 1 }'))
  const { edges } = engine.state
  for (let i = 0; i < EDGES; i++) edges.u32[takeRow(edges) * edges.words] = i + 1
  return engine
}

function inSteps(engine: Engine): { readonly checkpoint: Checkpoint; readonly steps: number } {
  const taking = stepCheckpoint(engine, 1, 'here')
  for (let steps = 1; ; steps++) {
    const { done, value } = taking.next()
    if (done) return { checkpoint: value, steps }
  }
}

describe('a stored state', () => {
  it('is refused by a stream of another number of partitions, with what to do', () => {
    const [stored] = openEngines(configOf('stream: { partitions: 2 }'))
    const checkpoint = takeCheckpoint(stored, 1)
    const [other] = openEngines(configOf('stream: { partitions: 3 }'))
    assert.throws(
      () => restore(other, checkpoint),
      /of 2 stream partitions, not 3: keep "stream\.partitions: 2" or start with an empty data folder/,
    )
    restore(openEngines(configOf('stream: { partitions: 2 }'))[0], checkpoint)
  })

  it('is the same whether it is taken at once or in steps, and nothing of it counts as changed then', () => {
    const engine = busyEngine()
    const { checkpoint, steps } = inSteps(engine)
    assert.ok(steps > 2, `taken in ${steps} steps`)
    assert.deepEqual(checkpoint, takeCheckpoint(busyEngine(), 1, 'here'))
    assert.equal(takeCheckpoint(engine, 2).pages.size, 0)
  })
})
