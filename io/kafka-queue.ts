import type { LogRecord, TakenBatch } from './kafka-group.ts'

/** Records of one partition that were fetched and not read yet. */
export interface RecordQueue {
  readonly batches: { readonly records: readonly LogRecord[]; readonly next: number; read: number }[]
  bytes: number
  /** Told when records were read. */
  wake: () => void
  /** Told when records came. */
  came: () => void
}

/** Some records in order, and the offset behind them. */
export interface RecordSlice {
  readonly records: readonly LogRecord[]
  readonly next: number
}

export function recordQueue(): RecordQueue {
  return { batches: [], bytes: 0, wake: () => {}, came: () => {} }
}

export function waitingRecords({ batches }: RecordQueue): number {
  return batches.reduce((sum, { records, read }) => sum + records.length - read, 0)
}

/** Bytes that a record holds on to, roughly. */
const bytesOf = ({ value }: LogRecord): number => 100 + (value?.length ?? 0)

export function enqueue(queue: RecordQueue, { records, next }: TakenBatch): void {
  queue.batches.push({ records, next, read: 0 })
  for (const record of records) queue.bytes += bytesOf(record)
  queue.came()
}

/** Waits until something is queued, for a while. */
export async function arrival(queue: RecordQueue, patienceMs: number): Promise<void> {
  if (queue.batches.length > 0) return
  const { promise, resolve } = Promise.withResolvers<void>()
  queue.came = resolve
  const timer = setTimeout(resolve, patienceMs)
  await promise
  clearTimeout(timer)
}

/** The next records, up to some bytes of them but at least one; undefined when there are none. */
export function dequeue(queue: RecordQueue, maxBytes: number): RecordSlice | undefined {
  const [batch] = queue.batches
  if (batch === undefined) return undefined
  const from = batch.read
  let bytes = 0
  while (batch.read < batch.records.length && bytes < maxBytes) bytes += bytesOf(batch.records[batch.read++])
  queue.bytes -= bytes
  const records = batch.records.slice(from, batch.read)
  const isWhole = batch.read === batch.records.length
  if (isWhole) queue.batches.shift()
  queue.wake()
  return { records, next: isWhole ? batch.next : batch.records[batch.read - 1].offset + 1 }
}

/** Waits until fewer than `maxBytes` are queued, for a while. @returns whether there is room now */
export async function room(queue: RecordQueue, maxBytes: number, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  while (queue.bytes >= maxBytes) {
    const leftMs = deadline - performance.now()
    if (leftMs <= 0) return false
    const { promise, resolve } = Promise.withResolvers<void>()
    queue.wake = resolve
    const timer = setTimeout(resolve, leftMs)
    await promise
    clearTimeout(timer)
  }
  return true
}
