import { cutLines, endLines, lineFrame } from '../collector/frame.ts'
import { toIntake } from '../collector/intake.ts'
import type { IntakeJournal } from '../domain/ports.ts'

export interface StdinOptions {
  readonly journal: IntakeJournal
  /** Wall clock, epoch ms. */
  readonly now: () => number
  /** Beyond it nothing is read, so that the writer of the pipe waits. */
  readonly maxJournalBytes: number
  /** Resolves when it is time to look at the journal again. */
  readonly pause: () => Promise<void>
  readonly maxRecordBytes?: number
}

/**
 * Moves the lines of a stream that cannot be read twice into the journal, under the source `stdin`, until its end. What
 * was read but not yet written is lost with the process, and only that.
 */
export async function journalStdin(input: AsyncIterable<Uint8Array>, options: StdinOptions): Promise<void> {
  const { journal, now, maxJournalBytes, pause } = options
  const frame = lineFrame({ offset: 0, line: 0 }, options.maxRecordBytes)
  const append = async (records: ReturnType<typeof cutLines>) => {
    if (records.length > 0) await journal.append('stdin', records.map(toIntake), undefined, now())
  }
  for await (const chunk of input) {
    while ((await journal.size()) >= maxJournalBytes) await pause()
    await append(cutLines(frame, chunk))
  }
  await append(endLines(frame))
}
