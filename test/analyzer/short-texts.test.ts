import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Engine, takeFindings } from '../../analyzer/engine/engine.ts'
import { bind, idOf } from '../../analyzer/engine/interner.ts'
import { textId } from '../../analyzer/engine/known.ts'
import { finish, processBatch } from '../../analyzer/engine/process.ts'
import { MOST_TEXTS } from '../../analyzer/engine/short-texts.ts'
import { openEngines } from '../../cli/engines.ts'
import { addEvent, createPacker, seal } from '../../collector/pack.ts'
import type { Event } from '../../domain/event.ts'
import { configOf } from './play.ts'

const TIME = Date.UTC(2026, 0, 5, 10)
const CREDENTIAL = { kind: 'x509' as const, issuer: 'Mesh CA', id: 'c6e5fca123a985e98389de5a63ea4595' }

function take(engine: Engine, events: readonly Event[]): void {
  const packer = createPacker(1)
  events.forEach((event, line) => {
    addEvent(packer, event, { source: 'log', generation: '1', offset: line, line, index: 0 })
  })
  for (const batch of seal(packer, [])) processBatch(engine, batch)
}

const useBy = (reporter: string): Event => ({
  kind: 'call',
  time: TIME,
  caller: 'shop/web',
  callee: 'shop/orders',
  callerVerified: true,
  side: 'server',
  denied: false,
  count: 1,
  credential: CREDENTIAL,
  connection: '7',
  reporter,
  origin: { address: `10.0.0.${reporter.length}` },
})

/** An engine that remembers as many texts as it may. */
function fullEngine(): Engine {
  const [engine] = openEngines(configOf())
  textId(engine, 'known reporter')
  for (let id = engine.state.texts.texts.length; id < MOST_TEXTS; id++)
    bind(engine.state.texts, `text ${id}`, id)
  return engine
}

describe('short texts beyond what is remembered', () => {
  it('are not kept, and reporters stay apart from each other and from known ones', () => {
    const engine = fullEngine()
    take(engine, ['known reporter', 'one', 'another', 'one'].map(useBy))
    const { texts, connections } = engine.state
    assert.equal(texts.texts.length, MOST_TEXTS)
    assert.equal(connections.rows, 3)
    const column = (at: number) =>
      Array.from({ length: 3 }, (_, row) => connections.u32[row * connections.words + at])
    const reporters = column(connections.at.reporter)
    assert.equal(reporters[0], idOf(texts, 'known reporter'))
    assert.equal(new Set(reporters).size, 3)
    assert.ok(reporters.slice(1).every((id) => id >= 2 ** 31))
    assert.deepEqual(column(connections.at.address), [0, 0, 0])
    assert.ok(engine.counters.overflow > 0)
  })

  it('give a finding for each connection all the same', () => {
    const engine = fullEngine()
    const revoked: Event = {
      kind: 'lifecycle',
      time: TIME - 60_000,
      action: 'revoked',
      credential: CREDENTIAL,
      reason: 'key compromise',
    }
    take(engine, [revoked, useBy('one'), useBy('another')])
    finish(engine)
    const told = takeFindings(engine).filter(({ detector }) => detector === 'revoked-credential')
    assert.equal(new Set(told.map(({ id }) => id)).size, 2)
    assert.equal(engine.state.texts.texts.length, MOST_TEXTS)
  })
})
