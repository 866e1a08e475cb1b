import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { blindDetectors } from '../cli/blind.ts'
import { createBlindLog } from '../cli/blind-log.ts'
import { coverageOf } from '../cli/coverage.ts'
import { collect, createCollector } from '../collector/collect.ts'
import { createFeed } from '../collector/feed.ts'
import { crl } from '../collector/parsers/crl.ts'
import type { Source } from '../domain/ports.ts'
import { memorySource } from './memory-source.ts'
import { rawRecord, testContext } from './raw-record.ts'

const TIME = Date.UTC(2026, 0, 5)
const credential = { kind: 'x509', issuer: 'ca', id: 'f'.repeat(20) }
const call = (more: object = {}) =>
  JSON.stringify({ kind: 'call', time: TIME, caller: 'shop/a', callee: 'shop/b', ...more })
const revocation = JSON.stringify({ kind: 'lifecycle', time: TIME, action: 'revoked', credential })

async function readAll(sources: readonly Source[]) {
  const feeds = sources.map((source) => createFeed(source, 'auto', testContext()))
  await collect(createCollector(feeds, { partitions: 1, latenessMs: 0 }))
  return feeds
}

/** Detectors that can evaluate, by name. */
const able = (feeds: Parameters<typeof coverageOf>[0]) =>
  coverageOf(feeds)
    .detectors.filter(({ canEvaluate }) => canEvaluate)
    .map(({ detector }) => detector)

describe('coverage', () => {
  it('is none before the first event', async () => {
    assert.deepEqual(able(await readAll([memorySource('mesh', ['no json'])])), [])
  })

  it('names what each detector lacks and what each source shows', async () => {
    const feeds = await readAll([memorySource('mesh', [call(), call(), 'no json']), memorySource('ca', [])])
    const { detectors, sources } = coverageOf(feeds)
    assert.deepEqual(able(feeds), ['new-edge', 'volume'])
    assert.deepEqual(
      detectors.find(({ detector }) => detector === 'revoked-credential'),
      { detector: 'revoked-credential', canEvaluate: false, lacks: ['credential', 'revocation'] },
    )
    assert.deepEqual(sources, [
      {
        source: 'mesh',
        format: 'meshwatch',
        records: 3,
        events: 2,
        rejects: 1,
        shows: ['caller', 'callee'],
      },
      { source: 'ca', format: 'auto', records: 0, events: 0, rejects: 0, shows: [] },
    ])
  })

  it('is there when different sources show what a detector needs', async () => {
    const feeds = await readAll([
      memorySource('mesh', [call({ credential })]),
      memorySource('ca', [revocation]),
    ])
    assert.deepEqual(able(feeds), ['new-edge', 'revoked-credential', 'volume'])
  })

  it('takes the word of an authority that revokes nothing', async () => {
    const issued = readFileSync(
      new URL('./fixtures/parsers/step-ca/a-certificate-is-issued.in', import.meta.url),
      'utf8',
    ).trim()
    const mesh = memorySource('mesh', [call({ credential })])
    assert.deepEqual(able(await readAll([mesh, memorySource('ca', [issued])])).length, 3)
  })

  it('takes the word of an empty revocation list, and not of one that was refused', async () => {
    for (const [name, detectors] of [
      ['an-empty-list-is-sound', 1],
      ['a-cut-der-list-is-refused', 0],
    ] as const) {
      const bytes = readFileSync(new URL(`./fixtures/parsers/crl/${name}.in`, import.meta.url))
      const [mesh] = await readAll([memorySource('mesh', [call({ credential })])])
      const list = createFeed(listSource(bytes), crl, testContext())
      await collect(createCollector([list], { partitions: 1, latenessMs: 0 }))
      assert.equal(able([mesh, list]).filter((each) => each === 'revoked-credential').length, detectors)
    }
  })
})

/** A source that gives one file as one record. */
function listSource(bytes: Uint8Array): Source {
  const records = [rawRecord(bytes, 'whole')]
  return {
    name: 'list',
    ended: false,
    read: async () =>
      records.length === 0
        ? undefined
        : {
            records: records.splice(0),
            end: { source: 'list', generation: 'x-1', offset: bytes.length, line: 0 },
          },
    close: async () => {},
  }
}

describe('the log of what cannot be evaluated', () => {
  it('says a change once, when it has lasted', async () => {
    const lines: string[] = []
    let now = 0
    const say = createBlindLog({
      now: () => now,
      log: (level, message, fields) => lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
    })
    const over = (feeds: Parameters<typeof say>[0]) => {
      for (const end = now + 20_000; now < end; now += 100) say(feeds)
    }
    over([])
    const [mesh] = await readAll([memorySource('mesh', [call({ credential })])])
    over([mesh])
    const [authority] = await readAll([memorySource('ca', [revocation])])
    over([mesh, authority])
    say([mesh])
    over([mesh, authority])
    assert.deepEqual(lines, [
      'warn detectors cannot evaluate {"detectors":"revoked-credential (no revocation)"}',
      'info every detector can evaluate {}',
    ])
  })
})

describe('what cannot be evaluated', () => {
  it('is everything when all that arrived was refused, and nothing before anything arrived', async () => {
    const names = (feeds: Parameters<typeof coverageOf>[0]) =>
      blindDetectors(feeds).map((each) => each.detector)
    const refused = await readAll([memorySource('mesh', ['no json', '{}']), memorySource('ca', [])])
    assert.deepEqual(names(refused), ['new-edge', 'revoked-credential', 'volume'])
    assert.deepEqual(names(await readAll([memorySource('mesh', []), memorySource('ca', [])])), [])
  })
})
