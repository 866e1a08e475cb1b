import { framingOf } from '../../collector/auto.ts'
import { collect, createCollector } from '../../collector/collect.ts'
import { createFeed } from '../../collector/feed.ts'
import { createMemo } from '../../collector/memo.ts'
import { openFile } from '../../io/file-read.ts'
import { lineFile } from './lines.ts'

/** Collecting alone: read, frame, parse and pack the lines of a file into batches that nobody takes. */

const ROUNDS = 3

async function packFile(path: string): Promise<number> {
  const source = await openFile(path, { framingOf })
  const context = { source: path, trustDomain: 'mesh.example', hmac: () => '', memo: createMemo() }
  const feed = createFeed(source, 'auto', context)
  const collector = createCollector([feed], { partitions: 1, latenessMs: 15_000 })
  const began = performance.now()
  while ((await collect(collector)) !== undefined);
  const seconds = (performance.now() - began) / 1000
  await source.close()
  return feed.counts.events / seconds
}

export async function benchPack(lines: number): Promise<void> {
  const { path, bytes } = lineFile(lines)
  let best = 0
  for (let round = 0; round < ROUNDS; round++) best = Math.max(best, await packFile(path))
  console.log(
    `read, parse and pack lines of ${Math.round(bytes / lines)} B: ${Math.round(best).toLocaleString('en')} events/s`,
  )
}

if (import.meta.main) await benchPack(Number(process.argv[2] ?? 1_000_000))
