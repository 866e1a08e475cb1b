import type { Position } from '../domain/coordinate.ts'
import { generationOf } from '../domain/generation.ts'
import type { IntakeJournal, IntakeRecord, RawRecord, Source } from '../domain/ports.ts'

/** A journal never starts again: its numbers only rise. */
const GENERATION = generationOf('journal', 1)

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export interface JournalSourceOptions {
  readonly resume?: Position
  /** Most records in a chunk. */
  readonly chunkRecords?: number
}

/** The records of one source of the journal. It has no end. */
export function journalSource(
  journal: IntakeJournal,
  name: string,
  { resume, chunkRecords = 1000 }: JournalSourceOptions = {},
): Source {
  let next = resume?.offset ?? 0
  return {
    name,
    ended: false,
    read: async () => {
      const rows = await journal.read(name, next, chunkRecords)
      if (rows.length === 0) return undefined
      next = rows.at(-1)!.offset + 1
      const end = { source: name, generation: GENERATION, offset: next, line: 0 }
      return { records: rows.map(rawRecord), end }
    },
    close: async () => {},
  }
}

function rawRecord({ bytes, offset, length }: IntakeRecord & { readonly offset: number }): RawRecord {
  return { text: decoder.decode(bytes), chunk: bytes, from: 0, to: bytes.length, offset, line: 0, length }
}
