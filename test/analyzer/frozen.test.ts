import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Engine } from '../../analyzer/engine/engine.ts'
import { freezeFor, freezeUntil, isFrozen, thaw } from '../../analyzer/engine/frozen.ts'
import { identityRow } from '../../analyzer/engine/rows.ts'
import { openEngines } from '../../cli/engines.ts'
import { finding, HOUR, MINUTE, revoked, START } from '../alerter/sample.ts'
import { configOf } from './play.ts'

const CALLER = 'shop/checkout'

function openEngine(): Engine {
  const [engine] = openEngines(configOf())
  identityRow(engine, CALLER, START)
  return engine
}

const isFrozenAt = (engine: Engine, time: number) => isFrozen(engine, 0, time)

describe('a caller is not learned from', () => {
  it('for as long as the incident stays open that a finding opens', () => {
    const engine = openEngine()
    freezeFor(engine, finding('f1'))
    assert.ok(isFrozenAt(engine, START + HOUR - 1))
    assert.ok(!isFrozenAt(engine, START + HOUR))
    freezeFor(engine, revoked('f2'))
    assert.ok(isFrozenAt(engine, START + 24 * HOUR - 1))
    assert.deepEqual(
      engine.facts.map((fact) => 'until' in fact && fact.until),
      [START + HOUR, START + 24 * HOUR],
    )
  })

  it('for longer when more is found meanwhile, and not when it is found afterwards', () => {
    const engine = openEngine()
    freezeFor(engine, finding('f1'))
    freezeFor(engine, finding('f2', { opens: false, end: START + 30 * MINUTE }))
    assert.ok(isFrozenAt(engine, START + 80 * MINUTE))
    freezeFor(engine, finding('f3', { opens: false, end: START + 90 * MINUTE }))
    assert.ok(!isFrozenAt(engine, START + 90 * MINUTE))
  })

  it('when different detectors agree within an hour', () => {
    const engine = openEngine()
    freezeFor(engine, finding('f1', { opens: false }))
    freezeFor(engine, finding('f2', { opens: false, end: START + MINUTE }))
    assert.ok(!isFrozenAt(engine, START))
    freezeFor(engine, finding('f3', { opens: false, detector: 'volume', end: START + HOUR }))
    assert.ok(isFrozenAt(engine, START + 2 * HOUR - 1))
  })

  it('until a person resolves the incident', () => {
    const engine = openEngine()
    freezeFor(engine, revoked('f1'))
    freezeUntil(engine, CALLER, { time: START, until: 0 })
    assert.ok(!isFrozenAt(engine, START))
  })

  it('not because of what is outside the alert budget, or only for information', () => {
    const engine = openEngine()
    freezeFor(engine, finding('f1', { withinBudget: false }))
    freezeFor(engine, finding('f2', { opens: false, severity: 'info' }))
    freezeFor(engine, finding('f3', { opens: false, detector: 'volume' }))
    assert.ok(!isFrozenAt(engine, START))
  })

  it('and nothing is remembered of it when it is over', () => {
    const engine = openEngine()
    freezeFor(engine, finding('f1'))
    freezeFor(engine, finding('f2', { opens: false }))
    thaw(engine, START + HOUR)
    assert.deepEqual([engine.frozen.size, engine.waiting.size], [0, 0])
  })
})
