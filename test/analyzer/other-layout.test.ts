import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { restore, takeCheckpoint } from '../../analyzer/engine/checkpoint.ts'
import { openEngine } from '../../cli/engines.ts'
import type { Checkpoint } from '../../domain/ports.ts'
import { configOf } from './play.ts'

const without = (...off: readonly string[]) =>
  openEngine(
    configOf(`analyzer: { detectors: { ${off.map((name) => `${name}: { enabled: false }`).join(', ')} } }`),
    0,
    1,
  )

/** A checkpoint of another program: its head as text is changed. */
function changed(from: RegExp, to: string): Checkpoint {
  const checkpoint = takeCheckpoint(without(), 1)
  assert.match(checkpoint.head, from)
  return { ...checkpoint, head: checkpoint.head.replace(from, to) }
}

const refusal = (why: string) => ({
  message: `the stored state has another layout: ${why}; go back to the release and the "analyzer.detectors" that it was stored with, or let it learn anew: docs/operations.md#upgrade`,
})

describe('a stored state of another layout is refused by name', () => {
  for (const name of ['new-edge', 'revoked-credential', 'volume']) {
    it(`of a detector that is switched off: ${name}`, () => {
      assert.throws(
        () => restore(without(name), takeCheckpoint(without(), 1)),
        refusal(`the detector "${name}" was on when it was stored, and is off now`),
      )
    })

    it(`of a detector that is switched on: ${name}`, () => {
      assert.throws(
        () => restore(without(), takeCheckpoint(without(name), 1)),
        refusal(`the detector "${name}" was off when it was stored, and is on now`),
      )
    })
  }

  it('of all that changed', () => {
    const why =
      'the detector "new-edge" was on when it was stored, and is off now; the detector "volume" was off when it was stored, and is on now'
    assert.throws(() => restore(without('new-edge'), takeCheckpoint(without('volume'), 1)), refusal(why))
  })

  it('of another release', () => {
    const cases = [
      [/volume_n0:u16/, 'volume_n0:u32', 'the detector "volume" has other columns in this release'],
      [/lastEdge:u32/, 'lastEdge:u16', 'the engine has other columns in this release'],
      [/"version":\d+/, '"version":1', 'another release wrote it'],
    ] as const
    for (const [from, to, why] of cases)
      assert.throws(() => restore(without(), changed(from, to)), refusal(why))
  })
})
