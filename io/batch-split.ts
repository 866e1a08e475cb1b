import { type EventBatch, mapColumns } from '../domain/batch.ts'
import { encodeBatch } from './batch-codec.ts'

/**
 * The bytes of a batch in as many pieces, in order, as keep each within `mostBytes`. Positions and marks are in the last
 * one: a reader that has seen only the first pieces must not take the sources for wholly read. A single row that is
 * larger stays as it is.
 */
export function encodeWithin(batch: EventBatch, mostBytes: number): readonly Buffer[] {
  const bytes = encodeBatch(batch)
  if (bytes.length <= mostBytes || batch.rows < 2) return [bytes]
  const middle = batch.rows >> 1
  const { publication } = batch
  const first = {
    ...rowsOf(batch, 0, middle),
    positions: [],
    ...(publication && { publication: { ...publication, marks: [] } }),
  }
  return [first, rowsOf(batch, middle, batch.rows)].flatMap((half) => encodeWithin(half, mostBytes))
}

function rowsOf(batch: EventBatch, from: number, to: number): EventBatch {
  const columns = mapColumns(batch.columns, (column) => column.subarray(from, to) as typeof column)
  return { ...batch, rows: to - from, columns }
}
