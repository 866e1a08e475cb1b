import type { Consuming } from './kafka-group.ts'
import { type LogBounds, logBounds, withAdmin } from './kafka-log-bounds.ts'
import { worldError } from './world-error.ts'

/** Records of a partition that are not read yet. */
type Lag = LogBounds & { readonly lag: number }

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
  const { assignment, options, limits, held } = consuming
  const before = new Map([...assignment.partitions].map(([name, { next }]) => [name, next]))
  if (before.size === 0) return
  const bounds = await withAdmin(consuming.client, (admin) => logBounds(admin, options.topics))
  const lags = bounds.flatMap((it) => lagOf(it, before.get(nameOf(it))))
  options.lag?.(lags)
  const behind = lags.filter((it) => it.lag > 0 && !held.has(nameOf(it)))
  const isBusy = consuming.taking > 0 || lags.length < before.size || consuming.assignment !== assignment
  if (isBusy || behind.length === 0) consuming.movedAt = performance.now()
  const stillMs = performance.now() - consuming.movedAt
  if (stillMs >= limits.stallMs) consuming.fail(stalled(options.group, stillMs, behind))
}

function stalled(group: string, stillMs: number, behind: readonly Lag[]): Error {
  const places = behind.slice(0, 5).map((it) => `${nameOf(it)}: ${it.lag}`)
  const seconds = Math.round(stillMs / 1000)
  return worldError(
    'kafka-stalled',
    `consumer group ${group} has read nothing for ${seconds} s and is behind by (${places.join(', ')})`,
  )
}

const nameOf = ({ topic, partition }: LogBounds): string => `${topic}/${partition}`

function lagOf(bounds: LogBounds, next: number | undefined): readonly Lag[] {
  return next === undefined ? [] : [{ ...bounds, lag: Math.max(0, bounds.end - next) }]
}
