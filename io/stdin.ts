import type { IntakeJournal } from '../domain/ports.ts'

export interface StdinOptions {
  readonly journal: IntakeJournal
  /** Wall clock, epoch ms. */
  readonly now: () => number
  readonly maxRecordBytes: number
  /** Beyond it nothing is read, so that the writer of the pipe waits. */
  readonly maxJournalBytes: number
  /** Resolves when it is time to look at the journal again. */
  readonly pause: () => Promise<void>
}

const LF = 10

/**
 * Moves a stream that cannot be read twice into the journal, under the source `stdin`, until its end. What was read
 * but not yet written is lost with the process, and only that.
 */
export async function journalStdin(input: AsyncIterable<Uint8Array>, options: StdinOptions): Promise<void> {
  const { journal, now, maxJournalBytes, maxRecordBytes, pause } = options
  // An earlier run may have been stopped in the middle of a line.
  await journal.append('stdin', Uint8Array.of(LF), undefined, now())
  let lineLength = 0
  for await (const chunk of input) {
    while ((await journal.size()) >= maxJournalBytes) await pause()
    const { bytes, length } = withoutExcess(chunk, lineLength, maxRecordBytes)
    lineLength = length
    if (bytes.length > 0) await journal.append('stdin', bytes, undefined, now())
  }
  if (lineLength > 0) await journal.append('stdin', Uint8Array.of(LF), undefined, now())
}

/**
 * A chunk without what a line has beyond the limit and one byte: a line without an end would fill the journal, and
 * could never be trimmed from it.
 * @param lineLength of the line that the chunk goes on with
 */
function withoutExcess(chunk: Uint8Array, lineLength: number, maxRecordBytes: number) {
  const first = chunk.indexOf(LF)
  const head = first < 0 ? chunk : chunk.subarray(0, first)
  const kept = head.subarray(0, Math.max(0, maxRecordBytes + 1 - lineLength))
  if (first < 0) return { bytes: kept, length: lineLength + chunk.length }
  const length = chunk.length - 1 - chunk.lastIndexOf(LF)
  const bytes = kept.length === head.length ? chunk : Buffer.concat([kept, chunk.subarray(first)])
  return { bytes, length }
}
