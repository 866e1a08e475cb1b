import type { Consuming } from './kafka-group.ts'
import { type LogBounds, logBounds, withAdmin } from './kafka-log-bounds.ts'
import { worldError } from './world-error.ts'

/**
 * Tells the lag, and ends the consumer when there is some and nothing has moved for long: kafkajs can look alive for
 * days without reading. A batch that is being taken, a partition that is begun and brokers that do not answer are no
 * standstill.
 */
export function watchLag(consuming: Consuming): { close(): void } {
  const { lagMs, stallMs } = consuming.limits
  consuming.movedAt = performance.now()
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    await lookOnce(consuming).catch(() => {
      consuming.movedAt = performance.now()
    })
    isLooking = false
  }
  const timer = setInterval(() => void look(), Math.min(lagMs, stallMs))
  return { close: () => clearInterval(timer) }
}

async function lookOnce(consuming: Consuming): Promise<void> {
  const { assignment, options, limits } = consuming
  if (assignment.partitions.size === 0) return
  const before = nextOffsets(consuming)
  const bounds = await withAdmin(consuming.client, (admin) => logBounds(admin, options.topics))
  const lags = bounds.flatMap((it) => lagOf(it, before))
  options.lag?.(lags)
  const isBusy = consuming.taking > 0 || before.size < assignment.partitions.size || before.size === 0
  const isBehind = lags.some(({ lag }) => lag > 0)
  if (isBusy || !isBehind || consuming.assignment !== assignment) consuming.movedAt = performance.now()
  const stillMs = performance.now() - consuming.movedAt
  if (stillMs < limits.stallMs) return
  const behind = lags
    .filter(({ lag }) => lag > 0)
    .map(({ topic, partition, lag }) => `${topic}/${partition}: ${lag}`)
  consuming.fail(
    worldError(
      'kafka-stalled',
      `consumer group ${options.group} has read nothing for ${Math.round(stillMs / 1000)} s and is behind (${behind.slice(0, 5).join(', ')})`,
    ),
  )
}

function nextOffsets({ assignment, held }: Consuming): ReadonlyMap<string, number> {
  const offsets = [...assignment.partitions].flatMap(([name, { next }]) =>
    next === undefined || held.has(name) ? [] : [[name, next] as const],
  )
  return new Map(offsets)
}

function lagOf(
  bounds: LogBounds,
  offsets: ReadonlyMap<string, number>,
): readonly (LogBounds & { lag: number })[] {
  const next = offsets.get(`${bounds.topic}/${bounds.partition}`)
  return next === undefined ? [] : [{ ...bounds, lag: Math.max(0, bounds.end - next) }]
}
