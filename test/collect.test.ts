import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type Collector, collect, createCollector, sealRound, tickIdle } from '../collector/collect.ts'
import { createFeed } from '../collector/feed.ts'
import { ROW } from '../domain/batch.ts'
import type { Position } from '../domain/coordinate.ts'
import type { Source, SourceChunk } from '../domain/ports.ts'
import { memorySource } from './memory-source.ts'
import { testContext } from './raw-record.ts'

const START = Date.UTC(2026, 0, 5, 10)
const LATENESS_MS = 15_000
const TEN_YEARS_MS = 3653 * 86_400_000

const lineAt = (time: number, caller = 'a') => JSON.stringify({ kind: 'call', time, caller, callee: 'b' })

/** What the stream holds: rows in their order, a watermark as its time only. */
interface Row {
  readonly time: number
  readonly place?: string
  readonly generation?: string
}

function collectorOf(sources: readonly Source[], wallClock?: () => number): Collector {
  const feeds = sources.map((source) => createFeed(source, 'auto', testContext()))
  return createCollector(feeds, { partitions: 1, latenessMs: LATENESS_MS, ...(wallClock && { wallClock }) })
}

/** The rows of one round and the positions that it brings the sources to. */
async function roundOf(
  collector: Collector,
): Promise<{ rows: Row[]; positions: readonly Position[] } | undefined> {
  const round = await collect(collector)
  if (round === undefined) return undefined
  const [{ rows, columns, sources, positions }] = round.batches
  return {
    positions,
    rows: Array.from({ length: rows }, (_, i) => {
      const time = columns.time[i]
      if (columns.kind[i] === ROW.watermark) return { time }
      const { source, generation } = sources[columns.source[i]]
      return { time, generation, place: `${source} ${columns.offset[i]} ${columns.index[i]}` }
    }),
  }
}

async function rowsOf(collector: Collector): Promise<Row[]> {
  const rows: Row[] = []
  for (let round = await roundOf(collector); round !== undefined; round = await roundOf(collector))
    rows.push(...round.rows)
  return rows
}

const timesOf = (rows: readonly Row[]): number[] =>
  rows.filter(({ place }) => place !== undefined).map(({ time }) => time - START)
const watermarksOf = (rows: readonly Row[]): number[] =>
  rows.filter(({ place }) => place === undefined).map(({ time }) => time - START)

/** Rises from one to the next. */
function assertRising(times: readonly number[]): void {
  for (let i = 1; i < times.length; i++) assert.ok(times[i] > times[i - 1], `${times[i - 1]}, ${times[i]}`)
}

describe('several sources', () => {
  it('come into the order of event time, whatever the sizes of their chunks', async () => {
    for (const chunkLines of [1, 2, 3, 100]) {
      const odd = Array.from({ length: 50 }, (_, i) => lineAt(START + (2 * i + 1) * 1000))
      const even = Array.from({ length: 50 }, (_, i) => lineAt(START + 2 * i * 1000))
      const few = [lineAt(START + 10_500), lineAt(START + 70_500)]
      const sources = [odd, even, few].map((lines, i) => memorySource(`log ${i}`, lines, { chunkLines }))
      const times = timesOf(await rowsOf(collectorOf(sources)))
      assert.equal(times.length, 102)
      assertRising(times)
    }
  })

  it('wait for no source that has no more', async () => {
    const sources = [memorySource('empty', []), memorySource('log', [lineAt(START), lineAt(START + 1000)])]
    assert.deepEqual(timesOf(await rowsOf(collectorOf(sources))), [0, 1000])
  })

  it('go on from where any round left them, and each event comes once', async () => {
    const logs = [0, 1, 2].map((i) =>
      Array.from({ length: 9000 + i }, (_, k) => lineAt(START + k * 100 + i * 33, `caller ${i}`)),
    )
    const open = (from: readonly Position[]) =>
      logs.map((lines, i) => memorySource(`log ${i}`, lines, { from: from[i], chunkLines: 700 + i }))
    const whole = await rowsOf(collectorOf(open([])))
    const expected = whole.flatMap(({ place }) => place ?? []).sort()
    const found: string[] = []
    let positions: readonly Position[] = []
    for (let restarts = 0; ; restarts++) {
      const round = await roundOf(collectorOf(open(positions)))
      if (round === undefined || restarts > 20) break
      found.push(...round.rows.flatMap(({ place }) => place ?? []))
      positions = round.positions
    }
    assert.equal(expected.length, 27_003)
    assert.deepEqual(found.sort(), expected)
  })
})

describe('watermarks', () => {
  it('rise, and stay as far behind the newest event as a source may be late', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => lineAt(START + i * 777 - (i % 5) * 3000))
    const rows = await rowsOf(collectorOf([memorySource('log', lines)]))
    assertRising(watermarksOf(rows))
    rows.forEach(({ time, place }, i) => {
      if (place !== undefined) return
      const behindMs = rows[i + 1].time - time
      // The first event is believed as far as the second one confirms it, which is 2.2 s earlier.
      const slackMs = i === 0 ? 4000 : 1000
      assert.ok(behindMs >= LATENESS_MS && behindMs < LATENESS_MS + slackMs, `${behindMs} ms behind`)
    })
  })

  it('are not moved by an outlier ten years ahead, and its neighbours count', async () => {
    const honest = Array.from({ length: 200 }, (_, i) => lineAt(START + i * 1000))
    for (const at of [0, 1, 100, 199]) {
      const lines = honest.toSpliced(at, 0, lineAt(START + TEN_YEARS_MS, 'liar'))
      for (const chunkLines of [1, 7, 500])
        for (const others of [[], [memorySource('other', honest)]]) {
          const rows = await rowsOf(collectorOf([memorySource('log', lines, { chunkLines }), ...others]))
          const watermarks = watermarksOf(rows)
          assertRising(watermarks)
          assert.ok(watermarks.at(-1)! <= 199_000 - LATENESS_MS, `at ${at}, chunks of ${chunkLines}`)
          assert.equal(timesOf(rows).length, lines.length + 200 * others.length)
        }
    }
  })

  it('follow a source that leaps as a whole', async () => {
    const lines = [0, 1000, 5 * 86_400_000, 5 * 86_400_000 + 1000].map((ms) => lineAt(START + ms))
    const watermarks = watermarksOf(await rowsOf(collectorOf([memorySource('log', lines)])))
    assert.equal(watermarks.at(-1), 5 * 86_400_000 + 1000 - LATENESS_MS)
  })
})

describe('a live source', () => {
  it('has a time ahead of the wall clock set back to it', async () => {
    const lines = [START, START + TEN_YEARS_MS, START + 1000].map((time) => lineAt(time))
    const collector = collectorOf([memorySource('log', lines)], () => START + 2000)
    const rows = await rowsOf(collector)
    assert.deepEqual(timesOf(rows), [0, 2000, 1000])
    assert.equal(collector.clock.setBack, 1)
    assert.ok(watermarksOf(rows).at(-1)! <= 2000 - LATENESS_MS)
  })

  it('never moves event time back when the wall clock is set back', async () => {
    const lines = [0, 1000, -600_000, -599_000, 2000].map((ms) => lineAt(START + ms))
    const clocks = [0, 1000, -600_000, -599_000, -598_000].map((ms) => START + ms)
    let tick = 0
    const collector = collectorOf([memorySource('log', lines, { chunkLines: 1 })], () => clocks[tick++])
    assertRising(watermarksOf(await rowsOf(collector)))
    assert.equal(collector.clock.frontier, START + 1000)
  })

  it('lets event time go on with the wall clock while nothing comes', async () => {
    let now = START
    const collector = collectorOf([memorySource('log', [lineAt(START - 500)])], () => now)
    await rowsOf(collector)
    now += 60_000
    tickIdle(collector)
    assert.deepEqual(watermarksOf(await rowsOf(collector)), [44_000])
    now -= 30_000
    tickIdle(collector)
    assert.equal(await roundOf(collector), undefined)
  })

  it('lets event time stand still while more is known to be there', async () => {
    let now = START
    const source = memorySource('log', [lineAt(START - 500)])
    const slow = { ...source, ended: false, isBehind: true }
    const collector = collectorOf([slow], () => now)
    await rowsOf(collector)
    now += 60_000
    tickIdle(collector)
    assert.equal(sealRound(collector), undefined)
    slow.isBehind = false
    await rowsOf(collector)
    now += 10_000
    tickIdle(collector)
    assert.deepEqual(watermarksOf(await rowsOf(collector)), [-6000])
  })
})

describe('a source that starts again', () => {
  /** Two files one after the other, as a reader that follows a rotation gives them. */
  function rotated(): Source {
    const files = [
      memorySource(
        'log',
        [0, 1000].map((ms) => lineAt(START + ms)),
        { generation: 'first-1' },
      ),
    ]
    files.push(
      memorySource(
        'log',
        [2000, 3000].map((ms) => lineAt(START + ms)),
        { generation: 'second-2' },
      ),
    )
    return {
      name: 'log',
      ended: false,
      read: async (): Promise<SourceChunk | undefined> => (await files[0].read()) ?? (await files[1].read()),
      close: async () => {},
    }
  }

  it('has each event under the generation that it was read in', async () => {
    const rows = await rowsOf(collectorOf([rotated()]))
    const generations = rows.flatMap(({ place, generation }) => (place === undefined ? [] : generation))
    assert.deepEqual(generations, ['first-1', 'first-1', 'second-2', 'second-2'])
  })
})

describe('a round', () => {
  it('ends with the watermark that ends an hour, and the event behind it waits', async () => {
    const hourMs = 3_600_000
    const times = [0, 1000, hourMs + LATENESS_MS, hourMs + LATENESS_MS + 500, hourMs + 20_000]
    const source = memorySource(
      'log',
      times.map((ms) => lineAt(START + ms)),
    )
    const collector = collectorOf([source], () => START + 2 * hourMs)
    const first = await collect(collector)
    assert.equal(first?.endsHour, true)
    const [{ rows, columns }] = first.batches
    assert.deepEqual([columns.kind[rows - 1], columns.time[rows - 1]], [ROW.watermark, START + hourMs])
    assert.deepEqual(timesOf((await roundOf(collector))?.rows ?? []), times.slice(2))
    assert.equal(await roundOf(collector), undefined)
  })

  it('ends before refused records fill the memory, and brings their source on', async () => {
    const lines = Array.from({ length: 20_000 }, () => 'no json')
    const collector = collectorOf([memorySource('log', lines, { chunkLines: 1000 })])
    let refused = 0
    for (let round = await collect(collector); round !== undefined; round = await collect(collector)) {
      assert.ok(round.rejects.length <= 5000, `${round.rejects.length}`)
      refused += round.rejects.length
      assert.equal(round.batches[0].positions[0].line, refused)
    }
    assert.equal(refused, 20_000)
  })

  it('brings a source on that holds nothing of interest', async () => {
    const file = 'test/fixtures/parsers/step-ca/a-list-of-provisioners-is-of-no-interest.in'
    const line = readFileSync(file, 'utf8').trim()
    const collector = collectorOf([memorySource('ca', [line])])
    const round = await roundOf(collector)
    assert.deepEqual([round?.rows, round?.positions[0].offset], [[], Buffer.byteLength(line) + 1])
    assert.equal(await roundOf(collector), undefined)
  })
})
