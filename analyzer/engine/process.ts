import { ROW } from '../../domain/batch.ts'
import type { Decision, Fact } from '../../domain/decision.ts'
import type { JudgedBatch } from '../judged-batch.ts'
import { AHEAD_ROWS, lookAhead } from './ahead.ts'
import { takeCall } from './calls.ts'
import type { Engine } from './engine.ts'
import { forgetLookups, type View, viewOf } from './rows.ts'
import { nextIn } from './sources.ts'
import { advance } from './time.ts'
import { hearFacts, takeDecision, takeLifecycle } from './told.ts'
import { takeUse } from './uses.ts'

/**
 * Takes the rows of one batch in, in their order. Rows below a source's next coordinate were taken in before and
 * are skipped.
 * @param scores filled with the score of each call row when given: −log10 of the expected false alarms a day
 */
export function processBatch(engine: Engine, batch: JudgedBatch, scores?: Float32Array): void {
  processRows(engine, viewOf(engine, batch), { from: 0, to: batch.rows, scores })
  for (const { source, generation, offset, line } of batch.positions) {
    const next = nextIn(engine, source, generation)
    if (offset > next.offset) Object.assign(next, { offset, line, index: 0 })
  }
}

/** Rows of a batch that are taken in one after the other. */
interface Span {
  readonly from: number
  readonly to: number
  readonly scores?: Float32Array | undefined
}

/** Takes some rows of a batch in; of one that comes in pieces the view is kept. */
export function processRows(engine: Engine, view: View, { from, to, scores }: Span): void {
  const { batch } = view
  const { kind } = batch.columns
  for (let i = from; i < to; i++) {
    if (i % AHEAD_ROWS === 0) lookAhead(engine, view, i)
    if (engine.clock.frees !== view.lookups.frees) forgetLookups(engine, view.lookups)
    const bits = kind[i]
    if (bits === ROW.watermark) {
      advance(engine, batch.columns.time[i])
      continue
    }
    if (bits & (ROW.fact | ROW.decision)) {
      takeTold(engine, view, i)
      continue
    }
    if (isRepeated(engine, view, i)) continue
    if (bits & ROW.call) {
      engine.counters.calls++
      const score = takeCall(engine, view, i, scores !== undefined)
      if (scores !== undefined) scores[i] = score
    }
    if (bits & ROW.use) takeUse(engine, view, i)
    if (bits & ROW.lifecycle) takeLifecycle(engine, view, i)
  }
}

/** True for a row that was taken in before; else its coordinate becomes the newest known. */
function isRepeated(engine: Engine, view: View, i: number): boolean {
  const c = view.batch.columns
  const next = view.next[c.source[i]]
  const offset = c.offset[i]
  const index = c.index[i]
  if (offset < next.offset || (offset === next.offset && index < next.index)) {
    engine.counters.repeated++
    return true
  }
  next.offset = offset
  next.index = index + 1
  return false
}

function takeTold(engine: Engine, view: View, i: number): void {
  const c = view.batch.columns
  const told = JSON.parse(view.batch.strings[c.detail[i]]) as Fact | Decision
  if ('fact' in told) hearFacts(engine, [told])
  else takeDecision(engine, told)
}

/** Nothing more will come: says what still waited for rows. Windows that are not over stay open. */
export function finish(engine: Engine): void {
  for (const watch of engine.credentialWatches) watch.settle(Number.POSITIVE_INFINITY)
}
