import { kafkaError } from './kafka-failure.ts'
import type { Consuming } from './kafka-group.ts'
import { type LogBounds, logBounds, withAdmin } from './kafka-log-bounds.ts'
import { worldError } from './world-error.ts'

/** Records of a partition that are not read yet. */
interface Lag extends LogBounds {
  readonly name: string
  /** Offset to be read next. */
  readonly next: number
  readonly lag: number
}

/** Since when the next record of a partition has been there unread, by `performance.now()`. */
type Standing = Map<string, { readonly next: number; readonly since: number }>

/**
 * Tells the lag, and ends the consumer when some partition has lag and has not moved for long: kafkajs can look alive
 * for days without reading. A reader that holds up all, a partition that is held or begun, and brokers that do not
 * answer are no standstill: that is told, for kafkajs itself tries for half a minute before it says so.
 */
export function watchLag(consuming: Consuming): { close(): void } {
  const { options, limits } = consuming
  const { lagMs, stallMs } = limits
  const standing: Standing = new Map()
  let isLooking = false
  let isTold = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    try {
      await lookOnce(consuming, standing)
      if (isTold) options.trouble?.(undefined)
      isTold = false
    } catch (error) {
      standing.clear()
      isTold = true
      options.trouble?.(kafkaError('kafka-offsets', `cannot ask how far ${options.group} is behind`, error))
    }
    isLooking = false
  }
  const timer = setInterval(() => void look(), Math.min(lagMs, stallMs))
  return { close: () => clearInterval(timer) }
}

async function lookOnce(consuming: Consuming, standing: Standing): Promise<void> {
  const { assignment, options, limits } = consuming
  const before = new Map([...assignment.partitions].map(([name, { next }]) => [name, next]))
  if (before.size === 0) return options.lag?.([])
  const bounds = await withAdmin(consuming.client, (admin) => logBounds(admin, consuming.topics))
  const lags = bounds.flatMap((it) => lagOf(it, before))
  options.lag?.(lags)
  if (consuming.assignment !== assignment) return standing.clear()
  const now = performance.now()
  for (const { name, next } of waiting(consuming, lags, standing))
    standing.set(name, standing.get(name) ?? { next, since: now })
  const stuck = lags.filter(({ name }) => now - (standing.get(name)?.since ?? now) >= limits.stallMs)
  if (stuck.length > 0) consuming.fail(stalled(options.group, limits.stallMs, stuck))
}

/** Partitions of which nothing was read though there is something to read. Forgets the others. */
function waiting({ taking, held }: Consuming, lags: readonly Lag[], standing: Standing): readonly Lag[] {
  const hasMoved = lags.some(({ name, next }) => standing.has(name) && standing.get(name)?.next !== next)
  const isHeldUp = taking > 0 && !hasMoved
  const still = lags.filter(({ name, next, lag }) => {
    const known = standing.get(name)
    if (known !== undefined && known.next !== next) standing.delete(name)
    return lag > 0 && !held.has(name) && !isHeldUp
  })
  const names = new Set(still.map(({ name }) => name))
  for (const name of standing.keys()) if (!names.has(name)) standing.delete(name)
  return still
}

function stalled(group: string, stallMs: number, stuck: readonly Lag[]): Error {
  const places = stuck.slice(0, 5).map(({ name, lag }) => `${lag} of ${name}`)
  return worldError(
    'kafka-stalled',
    `consumer group ${group} has read nothing for ${stallMs / 1000} s though there are records: ${places.join(', ')}`,
  )
}

function lagOf(bounds: LogBounds, offsets: ReadonlyMap<string, number | undefined>): readonly Lag[] {
  const name = `${bounds.topic}/${bounds.partition}`
  const next = offsets.get(name)
  return next === undefined ? [] : [{ ...bounds, name, next, lag: Math.max(0, bounds.end - next) }]
}
