import { type EventBatch, ROW } from '../domain/batch.ts'
import type { Event } from '../domain/event.ts'
import type { Reject } from '../domain/reject.ts'
import type { LinesOut } from './lines-out.ts'

/** Writes each normalised record with where it came from. */
export function emitEvents(out: LinesOut) {
  return (
    event: Event,
    place: {
      readonly source: string
      readonly offset: number
      readonly line: number
      readonly index: number
    },
  ) => {
    const { source, offset, line, index } = place
    out.write({ ...event, at: { source, offset, line, index } })
  }
}

/** Writes a refused record as a record of its own; bytes that are no UTF-8 read as U+FFFD. */
export function emitReject(out: LinesOut, reject: Reject): void {
  const { reason, source, offset, line, length, bytes } = reject
  out.write({
    kind: 'reject',
    reason,
    at: { source, offset, line, index: 0 },
    length,
    record: new TextDecoder().decode(bytes),
  })
}

/** Writes one line for each call row with the highest score that a detector gave it. */
export function scoreLines(out: LinesOut) {
  return (batch: EventBatch, scores: Float32Array) => {
    const { columns, strings, sources } = batch
    for (let i = 0; i < batch.rows; i++) {
      if ((columns.kind[i] & ROW.call) === 0) continue
      out.write({
        score: Math.round(scores[i] * 1e4) / 1e4,
        time: columns.time[i],
        caller: strings[columns.caller[i]],
        callee: strings[columns.callee[i]],
        source: sources[columns.source[i]].source,
        line: columns.line[i],
        offset: columns.offset[i],
      })
    }
  }
}
