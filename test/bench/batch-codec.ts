import { framingOf } from '../../collector/auto.ts'
import { collect, createCollector } from '../../collector/collect.ts'
import { createFeed } from '../../collector/feed.ts'
import { createMemo } from '../../collector/memo.ts'
import { type EventBatch, mapColumns } from '../../domain/batch.ts'
import { decodeBatch, encodeBatch } from '../../io/batch-codec.ts'
import { openFile } from '../../io/file-read.ts'
import { BATCH_CODECS } from '../../io/kafka-codecs.ts'
import { lineFile } from './lines.ts'

/** Batches of Envoy lines to the bytes of a Kafka record and back. */

const ROUNDS = 15

/** The batches that a collector makes of a file, with columns of their own; the dictionary is the one that goes on. */
async function batchesOf(path: string): Promise<EventBatch[]> {
  const source = await openFile(path, { framingOf })
  const context = { source: path, trustDomain: 'mesh.example', hmac: () => '', memo: createMemo() }
  const feed = createFeed(source, 'auto', context)
  const collector = createCollector([feed], { partitions: 1, latenessMs: 15_000 })
  const batches: EventBatch[] = []
  for (let round = await collect(collector); round !== undefined; round = await collect(collector))
    for (const batch of round.batches)
      batches.push({
        ...batch,
        columns: mapColumns(batch.columns, (column) => column.slice() as typeof column),
      })
  await source.close()
  return batches
}

/** Least time of a few runs, ns for each of `events`. */
function nsEach(events: number, run: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now()
    run()
    least = Math.min(least, performance.now() - began)
  }
  return (least * 1e6) / events
}

export async function benchBatchCodec(lines: number): Promise<void> {
  const batches = await batchesOf(lineFile(lines).path)
  const events = batches.reduce((sum, { rows }) => sum + rows, 0)
  let records: Buffer[] = []
  const encode = nsEach(events, () => {
    records = batches.map(encodeBatch)
  })
  const decode = nsEach(events, () => {
    for (const record of records) if (!decodeBatch(record).ok) throw new Error('a batch does not come back')
  })
  const bytes = records.reduce((sum, { length }) => sum + length, 0)
  const packed = records.reduce((sum, record) => sum + BATCH_CODECS.zstd.compress(record).length, 0)
  console.log(
    `batches of ${Math.round(events / batches.length)} rows as MessagePack: encode ${encode.toFixed(0)} ns, decode ${decode.toFixed(0)} ns, ` +
      `${(bytes / events).toFixed(1)} B, with zstd ${(packed / events).toFixed(1)} B an event`,
  )
}

if (import.meta.main) await benchBatchCodec(Number(process.argv[2] ?? 300_000))
