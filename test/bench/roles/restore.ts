import { ownTopics } from '../../../io/kafka-topics.ts'
import { eventually } from '../../io/kafka-log.ts'
import { followFindings } from './analyzer.ts'
import { edgeCalls, fillStream } from './fill-stream.ts'
import { startRole } from './member.ts'
import type { Stand } from './stand.ts'
import type { Theft } from './thief.ts'

/** Calls behind those that made the edges: what is judged first after a restart. */
const NEXT_CALLS = 1000
const PATIENCE_MS = 300_000

/** An analyzer that is restarted over so many edges: from the start of its process to the first finding of each partition. */
export async function benchRestore(stand: Stand, edges: number): Promise<void> {
  const { path, kafka } = await stand.deploy('restore', ['lines'])
  const { stream, findings } = ownTopics(kafka)
  const found = await followFindings(stand, findings.topic)
  const known = edgeCalls(edges)
  const { last } = await fillStream(stand.client, stream, known)
  const learning = startRole('analyzer', path)
  await untilFound(found.at, last)
  const began = performance.now()
  await learning.stop()
  const storedMs = performance.now() - began
  const next = await fillStream(stand.client, stream, { ...known, calls: NEXT_CALLS, before: edges })
  const startedAt = Date.now()
  const restored = startRole('analyzer', path)
  await untilFound(found.at, next.last)
  const cpuSeconds = restored.cpuSeconds()
  await Promise.all([restored.stop(), found.stop()])
  const at = next.first.map(({ thief }) => found.at.get(thief)! - startedAt)
  console.log(
    `roles: restore of ${edges.toLocaleString('en')} edges in ${stream.partitions} partitions: first finding after ${seconds(Math.min(...at))}, ` +
      `of every partition after ${seconds(Math.max(...at))} (${cpuSeconds.toFixed(1)} s of processor); stop and store ${seconds(storedMs)}`,
  )
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const untilFound = (at: ReadonlyMap<string, number>, thefts: readonly Theft[]): Promise<void> =>
  eventually(() => thefts.every(({ thief }) => at.has(thief)), 'all thieves are found', PATIENCE_MS)
