import { whyNoKafka } from '../servers/kafka-files.ts'
import { whyNoRedis } from '../servers/redis-node.ts'
import { benchAnalyzer } from './roles/analyzer.ts'
import { benchCollector } from './roles/collector.ts'
import { fillLines } from './roles/fill-lines.ts'
import { benchLatency } from './roles/latency.ts'
import { benchMillion } from './roles/million.ts'
import { benchRestore } from './roles/restore.ts'
import { openStand } from './roles/stand.ts'

/** Roles as processes of their own, at default settings, over a real Kafka and a real Redis on the same cores. */

const RECORDS = 1_000_000
const STREAM_CALLS = 12_000_000
const EDGES = 1_000_000
const LINES = 'lines'

const PARTS: Readonly<Record<string, (stand: Awaited<ReturnType<typeof openStand>>) => Promise<void>>> = {
  collector: (stand) => benchCollector(stand, LINES, RECORDS),
  analyzer: (stand) => benchAnalyzer(stand, STREAM_CALLS),
  restore: (stand) => benchRestore(stand, EDGES),
  million: (stand) => benchMillion(stand, LINES, RECORDS),
  latency: (stand) => benchLatency(stand),
}

const READ_LINES = ['collector', 'million']

/** @param parts which of them; all when absent */
export async function benchRoles(parts: readonly string[] = Object.keys(PARTS)): Promise<void> {
  const reason = whyNoKafka() ?? whyNoRedis()
  if (reason !== undefined) return console.log(`roles: left out, ${reason}`)
  const stand = await openStand()
  try {
    if (parts.some((part) => READ_LINES.includes(part))) await fillLines(stand.client, LINES, RECORDS)
    for (const part of parts) await PARTS[part](stand)
  } finally {
    await stand.stop()
  }
}

if (import.meta.main) await benchRoles(process.argv.length > 2 ? process.argv.slice(2) : undefined)
