import { generationNumber } from '../../domain/generation.ts'
import type { JudgedBatch } from '../judged-batch.ts'
import type { Engine, NextRow } from './engine.ts'
import { bind, idOf, lowestFree, textOf, unbind } from './interner.ts'
import { EVIDENCE_PER_CONNECTION, EVIDENCE_PER_EDGE } from './state.ts'

/**
 * Numbers of sources and their generations, and how far each has been taken in. A generation that is long over is
 * forgotten when no evidence speaks of it any more, and its number is given to another.
 */

/**
 * Generations of a source that are kept in any case. A source is never read again from before its newest one, but
 * batches that wait for others may still bring rows of those before it.
 */
const KEPT_GENERATIONS = 32
/** How many new ones there may be between two looks at what can be forgotten. */
const LOOK_EVERY = 64

/** Evidence has 16 bits for the number of its source. */
export const MAX_EVIDENCE_SOURCE = 65_535

/** Numbers of the sources of a batch, by their place in it. Past 65,535 they are good for {@link nextOf} only. */
export function sourcesOf(engine: Engine, batch: JudgedBatch): readonly number[] {
  const texts = batch.sources.map(({ source, generation }) => textFor(source, generation))
  const { ids, texts: known } = engine.state.sources
  const isFull = known.length > 0 && known.length % LOOK_EVERY === 0 && ids.size === known.length
  if (isFull && texts.some((text) => !ids.has(text))) forgetGenerations(engine)
  return texts.map((text) => sourceId(engine, text))
}

/** Next coordinate of a source by its number. */
export function nextOf(engine: Engine, source: number): NextRow {
  const known = engine.next.get(source)
  if (known !== undefined) return known
  const next = { offset: 0, index: 0, line: 0 }
  engine.next.set(source, next)
  return next
}

/** Next coordinate of a source that is named. */
export function nextIn(engine: Engine, source: string, generation: string): NextRow {
  return nextOf(engine, sourceId(engine, textFor(source, generation)))
}

function textFor(source: string, generation: string): string {
  return `${source}\u0000${generation}`
}

function sourceId(engine: Engine, text: string): number {
  const { sources } = engine.state
  const known = idOf(sources, text)
  if (known >= 0) return known
  const id = lowestFree(sources)
  bind(sources, text, id)
  return id
}

function forgetGenerations(engine: Engine): void {
  const { sources } = engine.state
  const newest = Map.groupBy(sources.ids.values(), (id) => textOf(sources, id).split('\u0000')[0])
  const number = (id: number) => generationNumber(textOf(sources, id))
  const old = [...newest.values()].flatMap((ids) =>
    ids.toSorted((a, b) => number(b) - number(a)).slice(KEPT_GENERATIONS),
  )
  if (old.length === 0) return
  const inEvidence = evidenceSources(engine)
  for (const id of old) {
    if (inEvidence[Math.min(id, MAX_EVIDENCE_SOURCE)] === 1) continue
    unbind(sources, id)
    engine.next.delete(id)
  }
}

/** One byte a number: 1 when the evidence of an edge or a connection names that source. */
function evidenceSources({ state }: Engine): Uint8Array {
  const { edges, connections } = state
  const named = new Uint8Array(MAX_EVIDENCE_SOURCE + 1)
  for (let row = 0; row < edges.rows; row++) {
    const seen = Math.min(EVIDENCE_PER_EDGE, edges.u32[row * edges.words + edges.at.calls])
    const at = row * edges.halves + edges.at.evidenceSource
    for (let i = 0; i < seen; i++) named[edges.u16[at + i]] = 1
  }
  for (let row = 0; row < connections.rows; row++) {
    const kept = connections.u8[row * connections.stride + connections.at.evidenceCount]
    const at = row * connections.halves + connections.at.evidenceSource
    for (let i = 0; i < Math.min(EVIDENCE_PER_CONNECTION, kept); i++) named[connections.u16[at + i]] = 1
  }
  return named
}
