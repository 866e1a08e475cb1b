import { scenario } from '../faults/scenario.ts'
import { oneLog, type Scenario } from './scenario.ts'

const HOUR_MS = 3_600_000

/** The lines of half days in the order of time, and one long after all others: by then every window is closed. */
export function linesOf(
  seed: number,
  { halfDays, partitions }: { readonly halfDays: number; readonly partitions: number },
): Scenario {
  const pieces = scenario(seed).slice(0, halfDays)
  const lines = pieces.flatMap(({ lines, posts }) => [
    ...lines,
    ...posts.flatMap(({ body }) => body.split('\n').filter((line) => line !== '')),
  ])
  const last = Number(/"time":(\d+)/.exec(lines.findLast((line) => line.includes('"time"'))!)?.[1])
  const end = Math.ceil(last / HOUR_MS) * HOUR_MS + 3 * HOUR_MS
  const all = [...lines, JSON.stringify({ kind: 'call', time: end, caller: 'a', callee: 'b' })]
  return { ...oneLog(all, partitions), end }
}
