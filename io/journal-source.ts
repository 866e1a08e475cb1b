import type { Position } from '../domain/coordinate.ts'
import { generationOf } from '../domain/generation.ts'
import type { IntakeJournal, Source } from '../domain/ports.ts'
import { cutLines, lineFrame } from './frame.ts'

/** A journal never starts again: its offsets only rise. */
const GENERATION = generationOf('journal', 1)

export interface JournalSourceOptions {
  readonly resume?: Position
  readonly maxRecordBytes?: number
}

/** The lines that one source wrote into the journal. It has no end. */
export function journalSource(
  journal: IntakeJournal,
  name: string,
  { resume, maxRecordBytes }: JournalSourceOptions = {},
): Source {
  let frame = lineFrame(resume ?? { offset: 0, line: 0 }, maxRecordBytes)
  return {
    name,
    ended: false,
    read: async () => {
      const next = frame.offset + frame.heldLength
      const block = await journal.read(name, next)
      if (block === undefined) return undefined
      if (block.offset !== next) frame = lineFrame({ offset: block.offset, line: frame.line }, maxRecordBytes)
      const records = cutLines(frame, block.bytes)
      const end = { source: name, generation: GENERATION, offset: frame.offset, line: frame.line }
      return { records, end }
    },
    close: async () => {},
  }
}
