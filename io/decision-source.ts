import type { Position } from '../domain/coordinate.ts'
import { generationOf } from '../domain/generation.ts'
import type { IncidentStore, Source } from '../domain/ports.ts'

/** Decisions are only ever appended. */
const GENERATION = generationOf('decisions', 1)

const CHUNK_RECORDS = 1000

/** The decisions of persons, as JSON records of the source `decisions`. It has no end. */
export function decisionSource(store: Pick<IncidentStore, 'decisionsFrom'>, resume?: Position): Source {
  const encoder = new TextEncoder()
  let next = resume?.offset ?? 0
  return {
    name: 'decisions',
    ended: false,
    read: async () => {
      const rows = await store.decisionsFrom(next, CHUNK_RECORDS)
      if (rows.length === 0) return undefined
      next = rows.at(-1)!.offset + 1
      const records = rows.map(({ offset, decision }) => {
        const text = JSON.stringify(decision)
        const chunk = encoder.encode(text)
        return { text, chunk, from: 0, to: chunk.length, offset, line: 0, length: chunk.length }
      })
      return { records, end: { source: 'decisions', generation: GENERATION, offset: next, line: 0 } }
    },
    close: async () => {},
  }
}
