import type { Position } from '../domain/coordinate.ts'
import type { RawRecord, Source } from '../domain/ports.ts'

export interface MemorySourceOptions {
  /** Lines that one read gives; default 500. */
  readonly chunkLines?: number
  readonly generation?: string
  /** Where to go on. */
  readonly from?: Position
}

/** A source whose lines are at hand, with the offsets that they would have in a file. */
export function memorySource(
  name: string,
  lines: readonly string[],
  { chunkLines = 500, generation = 'memory-1', from }: MemorySourceOptions = {},
): Source {
  const records = recordsOf(lines)
  const whole = records.at(-1)
  const endOffset = whole === undefined ? 0 : whole.offset + whole.length + 1
  let next = records.findIndex(({ offset }) => offset >= (from?.offset ?? 0))
  if (next < 0) next = records.length
  return {
    name,
    get ended() {
      return next >= records.length
    },
    read: async () => {
      if (next >= records.length) return undefined
      const chunk = records.slice(next, next + chunkLines)
      next += chunk.length
      const offset = records[next]?.offset ?? endOffset
      return { records: chunk, end: { source: name, generation, offset, line: next } }
    },
    close: async () => {},
  }
}

function recordsOf(lines: readonly string[]): readonly RawRecord[] {
  const encoder = new TextEncoder()
  let offset = 0
  return lines.map((text, i) => {
    const chunk = encoder.encode(text)
    const record = { text, chunk, from: 0, to: chunk.length, offset, line: i + 1, length: chunk.length }
    offset += chunk.length + 1
    return record
  })
}
