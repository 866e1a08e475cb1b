import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createSequencer, nextRun, pushBatch, type Sequencer } from '../../analyzer/sequencer.ts'
import { type EventBatch, type Mark, newColumns, ROW } from '../../domain/batch.ts'

const HOUR = 3_600_000
const START = 500_000 * HOUR
const LATENESS = 15_000

interface Sent {
  readonly publisher: string
  /** Event times after START of calls of the source that is named like its first letter. */
  readonly calls?: readonly number[]
  readonly source?: string
  readonly firstOffset?: number
  readonly watermarks?: readonly number[]
  readonly marks?: readonly Mark[]
  readonly at?: number
}

function batchOf({ publisher, calls = [], source = publisher, firstOffset = 0, ...rest }: Sent): EventBatch {
  const { watermarks = [], marks = [], at = 1 } = rest
  const rows = calls.length + watermarks.length
  const columns = newColumns(rows)
  calls.forEach((time, i) => {
    columns.kind[i] = ROW.call
    columns.time[i] = START + time
    columns.offset[i] = firstOffset + i
  })
  watermarks.forEach((time, i) => {
    columns.kind[calls.length + i] = ROW.watermark
    columns.time[calls.length + i] = START + time
  })
  const sources = calls.length === 0 ? [] : [{ source, generation: '1' }]
  const publication = { publisher, at, marks }
  return { version: 1, partition: 0, rows, strings: [''], sources, columns, positions: [], publication }
}

/** Both batches as one. */
function joined(first: EventBatch, second: EventBatch): EventBatch {
  const columns = newColumns(first.rows + second.rows)
  for (const name of ['kind', 'time', 'offset'] as const) {
    columns[name].set(first.columns[name])
    columns[name].set(second.columns[name], first.rows)
  }
  columns.source.fill(1, first.rows)
  return {
    ...second,
    rows: first.rows + second.rows,
    columns,
    sources: [...first.sources, ...second.sources],
  }
}

const own = (source: string, frontier: number, isDrained = false): Mark => ({
  source,
  frontier: START + frontier,
  isDrained,
  isOwn: true,
})
const known = (source: string): Mark => ({ source, frontier: 0, isDrained: false, isOwn: false })

const open = (mostWaiting = 1000) => createSequencer({ latenessMs: LATENESS, mostWaiting })

function push(s: Sequencer, ...sent: readonly Sent[]): void {
  for (const one of sent)
    pushBatch(s, s.taken.at(-1) === undefined ? s.base.offset : s.taken.at(-1)!.offset + 1, batchOf(one))
}

/** Publisher and time of every row that can go out. */
function out(s: Sequencer): string[] {
  const rows: string[] = []
  for (let run = nextRun(s); run !== undefined; run = nextRun(s))
    for (let i = run.from; i < run.to; i++)
      rows.push(`${run.batch.publication?.publisher}${run.batch.columns.time[i] - START}`)
  return rows
}

describe('one publisher', () => {
  it('goes out as it comes, whatever its own sources still have', () => {
    const s = open()
    push(s, { publisher: 'a', calls: [1, 5, 3], marks: [own('a', 5), own('slow', 0)] })
    assert.deepEqual(out(s), ['a1', 'a5', 'a3'])
    assert.equal(s.base.offset, 1)
  })
})

describe('several publishers', () => {
  it('go out in the order of event time', () => {
    const s = open()
    push(
      s,
      { publisher: 'a', calls: [1, 4, 9], marks: [own('a', 10)] },
      { publisher: 'b', calls: [2, 3, 8], marks: [own('b', 9)] },
    )
    assert.deepEqual(out(s), ['a1', 'b2', 'b3', 'a4', 'b8', 'a9'])
  })

  it('wait for a source that has not come as far, and not for one that has nothing', () => {
    const s = open()
    push(
      s,
      { publisher: 'b', marks: [own('b', 2)] },
      { publisher: 'a', calls: [1, 2, 3], marks: [own('a', 4)] },
    )
    assert.deepEqual(out(s), ['a1', 'a2'])
    assert.equal(s.base.offset, 1)
    push(s, { publisher: 'b', marks: [own('b', 2, true)] })
    assert.deepEqual(out(s), ['a3'])
    assert.equal(s.base.offset, 3)
  })

  it('wait for a source that nobody reads yet', () => {
    const s = open()
    push(s, { publisher: 'a', calls: [5], marks: [own('a', 5), known('b')] })
    assert.deepEqual(out(s), [])
    push(s, { publisher: 'b', calls: [1, 7], marks: [own('b', 8)] })
    assert.deepEqual(out(s), ['b1', 'a5'])
    push(s, { publisher: 'a', marks: [own('a', 9, true)] })
    assert.deepEqual(out(s), ['b7'])
  })

  it('wait for a source whose reader fell silent until another has it', () => {
    const s = open()
    push(s, { publisher: 'b', marks: [own('b', 2, true)], at: 1000 })
    push(s, { publisher: 'a', calls: [3], marks: [own('a', 3, true)], at: 5000 })
    assert.deepEqual(out(s), ['a3'])
    push(s, { publisher: 'a', calls: [9], firstOffset: 1, marks: [own('a', 9, true)], at: 12_000 })
    assert.deepEqual(out(s), [])
    push(s, { publisher: 'a2', source: 'b', calls: [4], marks: [own('b', 4, true)], at: 13_000 })
    assert.deepEqual(out(s), ['a24', 'a9'])
  })

  it('give up a source of which nobody speaks for minutes', () => {
    const s = open()
    push(s, { publisher: 'b', marks: [own('b', 2)], at: 1000 })
    push(s, { publisher: 'a', calls: [9], marks: [own('a', 9)], at: 300_000 })
    assert.deepEqual(out(s), [])
    push(s, { publisher: 'a', marks: [own('a', 9)], at: 302_000 })
    assert.deepEqual(out(s), ['a9'])
  })

  it('keep the rows of a source in its order when another goes on with it', () => {
    const s = open()
    push(
      s,
      { publisher: 'c', marks: [own('c', 0)] },
      { publisher: 'a', calls: [500], source: 'a', marks: [own('a', 500), own('s', 500)] },
      { publisher: 'a', calls: [300, 310], source: 's', marks: [own('s', 310)] },
      { publisher: 'a2', calls: [320], source: 's', firstOffset: 2, marks: [own('s', 320)] },
      { publisher: 'c', marks: [own('c', 900, true)] },
    )
    assert.deepEqual(out(s), ['a500', 'a300', 'a310', 'a2320'])
  })

  it('let another go on with a source while rows of its own wait for that', () => {
    const s = open()
    push(
      s,
      { publisher: 'a', source: 's', calls: [100], marks: [own('s', 100)] },
      { publisher: 'b', source: 't', calls: [500], marks: [own('t', 500)] },
    )
    assert.deepEqual(out(s), ['a100'])
    const [first, second] = [
      { publisher: 'b2', source: 's', calls: [110, 120], firstOffset: 1 },
      { publisher: 'b2', source: 't', calls: [510], firstOffset: 1, marks: [own('s', 510), own('t', 510)] },
    ]
    pushBatch(s, 2, joined(batchOf(first), batchOf(second)))
    assert.deepEqual(out(s), ['b2110', 'b2120', 'b500', 'b2510'])
  })

  it('are not put off by what is published again, which goes out once', () => {
    const s = open()
    push(
      s,
      { publisher: 'c', marks: [own('c', 0)] },
      { publisher: 'a', source: 's', calls: [10, 40], watermarks: [30], marks: [own('s', 50)] },
    )
    const [again, fresh] = [
      { publisher: 'b', source: 's', calls: [10] },
      { publisher: 'b', source: 'c', calls: [20], marks: [own('c', 70), own('s', 70)] },
    ]
    pushBatch(s, 2, joined(batchOf(again), batchOf(fresh)))
    push(s, { publisher: 'b', source: 's', calls: [40, 60], firstOffset: 1, marks: [own('c', 70, true)] })
    assert.deepEqual(out(s), ['a10', 'b20', 'a40', 'a30', 'b60'])
    assert.equal(s.waiting, 0)
  })

  it('let the earliest out when too many wait', () => {
    const s = open(3)
    push(s, { publisher: 'b', marks: [own('b', 0)] }, { publisher: 'a', calls: [1, 2, 3, 4] })
    assert.deepEqual(out(s), ['a1'])
    assert.deepEqual([s.forced, s.waiting], [1, 3])
  })
})

describe('an hour', () => {
  it('ends a run with its watermark, once', () => {
    const s = open()
    push(s, { publisher: 'a', watermarks: [0, 1000, HOUR, HOUR + 1000], marks: [own('a', HOUR, true)] })
    const runs = [nextRun(s), nextRun(s), nextRun(s)].map((run) => run && [run.from, run.to, run.endsHour])
    assert.deepEqual(runs, [[0, 3, true], [3, 4, false], undefined])
    push(s, { publisher: 'b', watermarks: [HOUR], marks: [own('b', HOUR, true)] })
    assert.equal(nextRun(s)?.endsHour, false)
  })
})

describe('from a stored base', () => {
  it('lets out every row that was not out, wherever it was stored', () => {
    const sent = fc.array(
      fc.record({
        publisher: fc.constantFrom('a', 'b', 'c'),
        steps: fc.array(fc.nat(20), { maxLength: 4 }),
        isDrained: fc.boolean(),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(sent, fc.nat(29), (batches, stop) => {
        const times = new Map<string, number>()
        const log = batches.map(({ publisher, steps, isDrained }, i) => {
          const calls = steps.map((step) => {
            times.set(publisher, (times.get(publisher) ?? 0) + step)
            return times.get(publisher) ?? 0
          })
          const marks = [own(publisher, times.get(publisher) ?? 0, isDrained)]
          return batchOf({ publisher, calls, marks, at: i, firstOffset: i * 10 })
        })
        const whole = open()
        const rows: string[] = []
        let stored = whole.base
        let before = 0
        log.forEach((batch, offset) => {
          pushBatch(whole, offset, batch)
          rows.push(...out(whole))
          if (offset === stop) {
            stored = whole.base
            before = rows.length
          }
        })
        const again = createSequencer(whole.options, stored)
        const repeated: string[] = []
        log.slice(stored.offset).forEach((batch, i) => {
          pushBatch(again, stored.offset + i, batch)
          repeated.push(...out(again))
        })
        const rest = rows.slice(before).sort()
        const kept = [...repeated].sort()
        for (const row of rest) {
          const at = kept.indexOf(row)
          assert.ok(at >= 0, `${row} is lost`)
          kept.splice(at, 1)
        }
      }),
    )
  })
})
