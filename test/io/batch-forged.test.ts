import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Packr } from 'msgpackr'
import { ROW } from '../../domain/batch.ts'
import { MAX_TIME } from '../../domain/instant.ts'
import { decodeBatch, MOST_BATCH_BYTES } from '../../io/batch-codec.ts'

const INCIDENT = { fact: 'incident', caller: 'a', until: 1, time: 1 }
const DECISION = { decision: 'expected', caller: 'a', author: 'b', reason: 'c', time: 1, expiresAt: 2 }
const CALIBRATION = {
  fact: 'calibration',
  partition: 9,
  time: 1,
  sketches: {},
  priors: {},
  activeSources: 1,
}
const SOURCES = [{ source: 'a', generation: '1' }]
const mark = (source: string, frontier: number) => ({ source, frontier, isDrained: false, isOwn: true })

describe('a forged batch', () => {
  const packr = new Packr({ useRecords: false, moreTypes: true })
  const head = {
    wire: 1,
    version: 1,
    partition: 0,
    rows: 2,
    strings: ['', 'a'],
    sources: SOURCES,
    positions: [],
    columns: { kind: 1 },
  }
  const reasonOf = (value: unknown) => {
    const answer = decodeBatch(value instanceof Uint8Array ? value : packr.pack(value))
    return answer.ok ? 'ok' : answer.reason
  }

  test('is taken while nothing is wrong with it', () => assert.equal(reasonOf(head), 'ok'))

  test('is taken with the first and the last time, and connections without a start', () => {
    const [time, start] = [Float64Array.of(0, MAX_TIME), MAX_TIME]
    const columns = { kind: 1, time, start, connectionStart: Float64Array.of(Number.NaN, MAX_TIME) }
    const publication = { publisher: 'a', at: MAX_TIME, marks: [mark('a', 0), mark('b', MAX_TIME)] }
    assert.equal(reasonOf({ ...head, columns, publication }), 'ok')
  })

  const cases: readonly (readonly [string, unknown, string])[] = [
    ['another layout', { ...head, wire: 2 }, 'unknown-version'],
    ['another version of rows', { ...head, version: 2 }, 'unknown-version'],
    ['no object', [1, 2], 'wrong-shape'],
    ['nothing in it', {}, 'wrong-shape'],
    ['a version that is none', { ...head, wire: 'two' }, 'wrong-shape'],
    ['nothing', null, 'not-messagepack'],
    ['so many rows that memory ends', { ...head, rows: 4_000_000_000 }, 'wrong-shape'],
    ['rows below zero', { ...head, rows: -1 }, 'wrong-shape'],
    ['a number among the texts', { ...head, strings: ['', 7] }, 'wrong-shape'],
    ['no texts', { ...head, strings: [] }, 'wrong-shape'],
    ['a position without a source', { ...head, positions: [{ offset: 1, line: 0 }] }, 'wrong-shape'],
    [
      'a mark without a clock',
      { ...head, publication: { publisher: 'a', at: 1, marks: [{ source: 'a', frontier: 1 }] } },
      'wrong-shape',
    ],
    ['a text index beyond the texts', { ...head, columns: { kind: 1, caller: 2 } }, 'wrong-columns'],
    ['a broken text index', { ...head, columns: { kind: 1, caller: 0.5 } }, 'wrong-columns'],
    ['a source beyond the sources', { ...head, columns: { kind: 1, source: 1 } }, 'wrong-columns'],
    ['calls without a source', { ...head, sources: [] }, 'wrong-columns'],
    [
      'a fact that is none',
      { ...head, strings: ['', '{"fact":"incident"}'], columns: { kind: 8, detail: 1 } },
      'wrong-told',
    ],
    [
      'a fact that only analyzers tell each other',
      { ...head, strings: ['', JSON.stringify(CALIBRATION)], columns: { kind: 8, detail: 1 } },
      'wrong-told',
    ],
    [
      'a decision as a fact',
      { ...head, strings: ['', JSON.stringify(DECISION)], columns: { kind: 8, detail: 1 } },
      'wrong-told',
    ],
    [
      'a lifecycle step that is right for another row only',
      {
        ...head,
        strings: ['', JSON.stringify(INCIDENT)],
        columns: { kind: { base: 4, steps: Uint8Array.of(4, 0) }, detail: 1 },
      },
      'wrong-told',
    ],
    ['a decision that is no JSON', { ...head, columns: { kind: 16, detail: 1 } }, 'wrong-told'],
    [
      'a step in no life',
      { ...head, strings: ['', '{"action":"eaten"}'], columns: { kind: 4, detail: 1 } },
      'wrong-told',
    ],
    ['no kind', { ...head, columns: {} }, 'wrong-columns'],
    ['an unknown kind', { ...head, columns: { kind: 5 } }, 'wrong-columns'],
    ['a time that is none', { ...head, columns: { kind: 1, time: Number.NaN } }, 'wrong-columns'],
    [
      'a time without end',
      { ...head, columns: { kind: 1, time: Number.POSITIVE_INFINITY } },
      'wrong-columns',
    ],
    ['a time that no date can show', { ...head, columns: { kind: 1, time: 8.7e15 } }, 'wrong-columns'],
    [
      'a time beyond the last in steps',
      { ...head, columns: { kind: 1, time: { base: MAX_TIME, steps: Uint8Array.of(0, 1) } } },
      'wrong-columns',
    ],
    ['a time before 1970', { ...head, columns: { kind: 1, time: -1 } }, 'wrong-columns'],
    ['a start beyond the last', { ...head, columns: { kind: 1, start: 1e300 } }, 'wrong-columns'],
    [
      'a start of a connection beyond the last',
      { ...head, columns: { kind: 1, connectionStart: Float64Array.of(Number.NaN, 1e300) } },
      'wrong-columns',
    ],
    [
      'a clock beyond the last time',
      { ...head, publication: { publisher: 'a', at: 1e300, marks: [] } },
      'wrong-shape',
    ],
    [
      'a mark from before 1970',
      { ...head, publication: { publisher: 'a', at: 1, marks: [mark('a', -1e308)] } },
      'wrong-shape',
    ],
    [
      'a mark beyond the last time',
      { ...head, publication: { publisher: 'a', at: 1, marks: [mark('a', 1e300)] } },
      'wrong-shape',
    ],
    ['a text as a column', { ...head, columns: { kind: 1, time: 'now' } }, 'wrong-columns'],
    ['nil as a column', { ...head, columns: { kind: 1, time: null, caller: null } }, 'wrong-columns'],
    [
      'steps that are none',
      { ...head, columns: { kind: 1, time: { base: 1, steps: 'x' } } },
      'wrong-columns',
    ],
  ]
  for (const [name, value, reason] of cases)
    test(`with ${name} is refused as ${reason}`, () => assert.equal(reasonOf(value), reason))

  test('may not have its rows say more than can be read in passing', () => {
    const said = (rows: number) => ({
      ...head,
      rows,
      strings: ['', JSON.stringify({ ...INCIDENT, more: 'x'.repeat(1_000_000) })],
      columns: { kind: ROW.fact, detail: 1 },
    })
    assert.equal(reasonOf(said(1)), 'ok')
    assert.equal(reasonOf(said(100)), 'wrong-told')
  })

  test('that says one thing many times is parsed once', (context) => {
    const parse = context.mock.method(JSON, 'parse')
    const strings = ['', JSON.stringify(INCIDENT)]
    assert.equal(reasonOf({ ...head, rows: 1000, strings, columns: { kind: ROW.fact, detail: 1 } }), 'ok')
    assert.equal(parse.mock.callCount(), 1)
  })

  test('that only announces a great deal reserves nothing', () => {
    const array = Buffer.of(0xdd, 0xff, 0xff, 0xff, 0xff)
    const nested = Buffer.concat(Array.from({ length: 1000 }, () => array))
    assert.equal(reasonOf(nested), 'not-messagepack')
    assert.equal(reasonOf(Buffer.from(Array(100_000).fill(0x91))), 'not-messagepack')
    assert.equal(reasonOf(new Uint8Array(MOST_BATCH_BYTES + 1)), 'too-large')
  })

  test('may hold no types that a decoder makes something of', () => {
    const types = [new Date(0), /a+/, new Error('x'), new Set([1]), 2n ** 90n]
    for (const value of types) assert.notEqual(reasonOf({ ...head, note: value }), 'ok', String(value))
  })
})
