import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { TObject } from 'typebox'
import { Value } from 'typebox/value'
import { restore, takeCheckpoint } from '../analyzer/engine/checkpoint.ts'
import { type Engine, takeFindings } from '../analyzer/engine/engine.ts'
import { processBatch } from '../analyzer/engine/process.ts'
import { tableBytes } from '../analyzer/engine/table.ts'
import { detectors } from '../analyzer/registry.ts'
import { openEngines } from '../cli/engines.ts'
import type { EventBatch } from '../domain/batch.ts'
import type { Finding } from '../domain/finding.ts'
import { dump } from './analyzer/dump.ts'
import { configOf, play, recordStream, repacked } from './analyzer/play.ts'
import { type ArrivingLine, scenarioLines, shuffled, sourcesOf } from './analyzer/scenario.ts'

/** What every detector must do, whatever its idea. A new one is checked as soon as it is in the registry. */

const lines = scenarioLines()
const log = await recordStream(sourcesOf(lines))

const CERTAIN = new Set(detectors.filter(({ budgetShare }) => budgetShare === undefined).map((d) => d.name))

const newEngine = (): Engine => openEngines(configOf())[0]

/** A log through an engine; its facts are in the log already. */
function feed(engine: Engine, batches: readonly EventBatch[]): readonly Finding[] {
  for (const batch of batches) processBatch(engine, batch)
  return takeFindings(engine)
}

const idsOf = (findings: readonly Finding[]): string[] => findings.map(({ id }) => id).sort()

async function certainIds(arriving: readonly ArrivingLine[], yaml = ''): Promise<string[]> {
  const { findings } = await play(sourcesOf(arriving), configOf(yaml))
  return idsOf(findings.filter(({ detector }) => CERTAIN.has(detector)))
}

const reference = newEngine()
const findings = feed(reference, log)
const remembered = dump(reference)

describe('every detector', () => {
  for (const { name, about, options, budgetShare } of detectors) {
    it(`${name} says what it finds, what it misses, what to do, and which techniques it meets`, () => {
      for (const text of [about.detects, about.blindSpots, about.respond]) assert.match(text, /\w+ \w+ \w+/)
      assert.ok(about.attack.length > 0)
      for (const technique of about.attack) assert.match(technique, /^T\d{4}(\.\d{3})?$/)
    })

    it(`${name} has a default within bounds and a description for each option`, () => {
      const defaults = Value.Create(options)
      assert.ok(Value.Check(options, defaults))
      for (const [option, schema] of Object.entries((options as TObject).properties)) {
        assert.notEqual((defaults as Record<string, unknown>)[option], undefined, option)
        assert.match((schema as { description?: string }).description ?? '', /\w+ \w+/, option)
      }
    })

    it(`${name} has a situation that it must report, and one that it must not`, () => {
      const names = readdirSync(new URL(`./fixtures/detectors/${name}/`, import.meta.url))
      assert.ok(
        names.some((file) => file.startsWith('hit-')) && names.some((file) => file.startsWith('miss-')),
      )
    })

    it(`${name} speaks in the scenario`, () => {
      assert.ok(findings.some((finding) => finding.detector === name && finding.withinBudget))
      assert.ok(budgetShare === undefined || (budgetShare > 0 && budgetShare < 1))
    })
  }

  it('shares the alert budget with the others, and no more than there is', () => {
    assert.ok(detectors.reduce((sum, { budgetShare }) => sum + (budgetShare ?? 0), 0) <= 1)
  })
})

describe('the state', () => {
  it('is the same whether or not the score of every row is asked for', () => {
    const engine = newEngine()
    for (const batch of log) processBatch(engine, batch, new Float32Array(batch.rows))
    assert.deepEqual(idsOf(takeFindings(engine)), idsOf(findings))
    assert.deepEqual(dump(engine), remembered)
  })

  it('goes on from any place where it was saved as if nothing had happened', () => {
    const pages = new Map<string, Uint8Array>()
    const found: Finding[] = []
    let engine = newEngine()
    for (const [i, batch] of repacked(log, 997).entries()) {
      found.push(...feed(engine, [batch]))
      if (i % 9 !== 0) continue
      const checkpoint = takeCheckpoint(engine, i)
      for (const [page, bytes] of checkpoint.pages) pages.set(page, bytes)
      engine = newEngine()
      restore(engine, { ...checkpoint, pages })
      found.push(...takeFindings(engine))
    }
    assert.deepEqual(idsOf(found), idsOf(findings))
    assert.deepEqual(dump(engine), remembered)
  })

  it('does not depend on the borders of batches', () => {
    const engine = newEngine()
    assert.deepEqual(feed(engine, repacked(log, 613)), findings)
    assert.deepEqual(dump(engine), remembered)
  })

  it('is the same when every batch comes twice', () => {
    const engine = newEngine()
    const twice = repacked(log, 2000).flatMap((batch) => [batch, batch])
    assert.deepEqual(feed(engine, twice), findings)
    assert.deepEqual(dump(engine), remembered)
  })

  it('is the same when a part of the log comes again in other batches', () => {
    const engine = newEngine()
    const half = Math.ceil(log.length / 2)
    const found = feed(engine, repacked(log.slice(0, half + 1), 1999))
    assert.deepEqual([...found, ...feed(engine, repacked(log.slice(half - 2), 1411))], findings)
    assert.deepEqual(dump(engine), remembered)
  })

  it('has at most 150 bytes for an edge, the index included', () => {
    const { edges, edgeIndex } = reference.state
    const slot = edgeIndex.slots.BYTES_PER_ELEMENT
    // An index is at its emptiest just after it has doubled: 0.3 of the slots in use.
    assert.ok(edges.stride + slot / 0.3 <= 150, `${edges.stride} bytes and ${slot / 0.3} of index`)
    assert.equal(tableBytes(edges), (edges.rows - edges.free.length) * edges.stride)
  })
})

describe('findings of certain rules', () => {
  it('do not depend on the order within three seconds', async () => {
    const inOrder = await certainIds(lines)
    assert.ok(inOrder.length >= 3)
    for (const seed of [1, 2]) assert.deepEqual(await certainIds(shuffled(lines, 3000, seed)), inOrder)
  })

  it('do not depend on the order at all when one waits for the end', async () => {
    const yaml = 'analyzer: { detectors: { revoked-credential: { settleMs: 900000000 } } }'
    const inOrder = await certainIds(lines, yaml)
    assert.deepEqual(await certainIds(shuffled(lines, 1e9), yaml), inOrder)
  })

  it('do not depend on the number of partitions', async () => {
    const inOne = await certainIds(lines)
    assert.deepEqual(await certainIds(lines, 'stream: { partitions: 4 }'), inOne)
  })
})
