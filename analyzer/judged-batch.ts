import type { BatchColumns, ColumnName, EventBatch } from '../domain/batch.ts'

/** What judging reads of a batch: the other columns need not be brought out of its bytes. */
export const JUDGED_COLUMNS = [
  'kind',
  'flags',
  'time',
  'source',
  'offset',
  'line',
  'index',
  'caller',
  'callee',
  'credentialKind',
  'credentialIssuer',
  'credentialId',
  'address',
  'reporter',
  'connection',
  'connectionStart',
  'start',
  'count',
  'detail',
] as const satisfies readonly ColumnName[]

/** A batch as far as the analyzer reads it. */
export interface JudgedBatch extends Omit<EventBatch, 'columns'> {
  readonly columns: Pick<BatchColumns, (typeof JUDGED_COLUMNS)[number]>
}
