import { setTimeout as sleep } from 'node:timers/promises'
import { kafkaError } from './kafka-failure.ts'
import type { Assigned, Assignment, Consuming, LogPlace, PartitionBegin } from './kafka-group.ts'
import { committedOffsets, type LogBounds, logBounds, withAdmin } from './kafka-log-bounds.ts'
import { worldError } from './world-error.ts'

/**
 * Takes over what a join gave us. Nothing is fetched of a partition until `begin` has said from where: after each join
 * kafkajs itself would start at the offset in Kafka. Must not wait: the first fetch follows at once.
 */
export function assign(consuming: Consuming, assigned: Readonly<Record<string, readonly number[]>>): void {
  const before = consuming.assignment
  const partitions = Object.entries(assigned).flatMap(([topic, numbers]) =>
    numbers.map((partition) => [`${topic}/${partition}`, unbegun(topic, partition)] as const),
  )
  consuming.assignment = { partitions: new Map(partitions) }
  consuming.held.clear()
  consuming.movedAt = performance.now()
  for (const [, { topic, partition }] of partitions) pause(consuming, topic, partition)
  tellLost(consuming, before)
  consuming.options.trouble?.(undefined)
  void beginAll(consuming, [...consuming.assignment.partitions.values()])
}

/** Nothing is ours any more. */
export function drop(consuming: Consuming): void {
  const before = consuming.assignment
  consuming.assignment = { partitions: new Map() }
  consuming.held.clear()
  consuming.settled.clear()
  tellLost(consuming, before)
}

/** Asks anew where to read on. What was fetched already is dropped. */
export function beginAgain(consuming: Consuming, name: string): void {
  const at = consuming.assignment.partitions.get(name)
  if (at === undefined) return
  suspend(consuming, at)
  void beginAll(consuming, [at])
}

/** The log does not go on where it should: looks what became of it, from the place that we are at. */
export function findPlace(consuming: Consuming, at: Assigned): void {
  const { next = 0, timeBefore } = at
  suspend(consuming, at)
  void beginAll(consuming, [at], { offset: next, ...(timeBefore !== undefined && { timeBefore }) })
}

/** The topic is another one now: tells, and reads it from its first record. */
export function startRemade(consuming: Consuming, at: Assigned): void {
  const { next: expected = 0 } = at
  suspend(consuming, at)
  const work = async () => {
    const bounds = await boundsOf(consuming, [at])
    const first = bounds.get(at)?.first ?? 0
    if (isOurs(consuming, at) && mayChange(consuming, 'remade', at, expected, first))
      place(consuming, at, { offset: first })
  }
  work().catch((error) => giveUp(consuming, at, error))
}

function unbegun(topic: string, partition: number): Assigned {
  return { topic, partition, next: undefined, timeBefore: undefined, isChecking: false }
}

const nameOf = ({ topic, partition }: Assigned): string => `${topic}/${partition}`

const isOurs = ({ assignment }: Consuming, at: Assigned): boolean =>
  assignment.partitions.get(nameOf(at)) === at

function suspend(consuming: Consuming, at: Assigned): void {
  at.next = undefined
  pause(consuming, at.topic, at.partition)
}

function pause({ consumer }: Consuming, topic: string, partition: number): void {
  consumer?.pause([{ topic, partitions: [partition] }])
}

function tellLost({ options, assignment }: Consuming, before: Assignment): void {
  const lost = [...before.partitions].filter(([name]) => !assignment.partitions.has(name)).map(([, at]) => at)
  if (lost.length > 0) options.lost?.(lost.map(({ topic, partition }) => ({ topic, partition })))
}

/** @param known where to go on; else `begin` is asked */
async function beginAll(consuming: Consuming, all: readonly Assigned[], known?: LogPlace): Promise<void> {
  if (all.length === 0) return
  try {
    const bounds = await boundsOf(consuming, all)
    await Promise.all([...bounds].map(([at, log]) => beginOne(consuming, at, { log, known })))
  } catch (error) {
    giveUp(consuming, all[0], error)
  }
}

function giveUp(consuming: Consuming, at: Assigned, error: unknown): void {
  if (isOurs(consuming, at)) consuming.fail(error instanceof Error ? error : new Error(String(error)))
}

/** Bounds of these partitions, asked for until the brokers answer or the partitions are another's. */
async function boundsOf(
  consuming: Consuming,
  all: readonly Assigned[],
): Promise<ReadonlyMap<Assigned, PartitionBegin>> {
  const { client, options } = consuming
  const topics = [...new Set(all.map(({ topic }) => topic))]
  while (all.some((at) => isOurs(consuming, at))) {
    try {
      return await withAdmin(client, async (admin) => {
        const [logs, committed] = await Promise.all([
          logBounds(admin, topics),
          committedOffsets(admin, options.group, topics),
        ])
        return new Map(all.flatMap((at) => beginOf(at, logs, committed)))
      })
    } catch (error) {
      options.trouble?.(kafkaError('kafka-offsets', `cannot ask for offsets of ${topics.join(', ')}`, error))
      await sleep(500)
    }
  }
  return new Map()
}

function beginOf(
  at: Assigned,
  logs: readonly LogBounds[],
  committed: readonly NonNullable<PartitionBegin['committed']>[],
): readonly (readonly [Assigned, PartitionBegin])[] {
  const isIt = (it: { topic: string; partition: number }) =>
    it.topic === at.topic && it.partition === at.partition
  const log = logs.find(isIt)
  if (log === undefined) return []
  const stored = committed.find(isIt)
  return [[at, { ...log, ...(stored && { committed: stored }) }]]
}

interface Beginning {
  readonly log: PartitionBegin
  readonly known: LogPlace | undefined
}

async function beginOne(consuming: Consuming, at: Assigned, { log, known }: Beginning): Promise<void> {
  const to = known ?? (await consuming.options.begin(log))
  // Whoever had the partition before may have stored a place after the bounds were read.
  const bounds = to.offset > log.end ? ((await boundsOf(consuming, [at])).get(at) ?? log) : log
  if (!isOurs(consuming, at)) return
  if (to.offset > bounds.end) {
    if (mayChange(consuming, 'remade', at, to.offset, bounds.first))
      place(consuming, at, { offset: bounds.first })
  } else if (to.offset < bounds.first) {
    if (mayChange(consuming, 'gone', at, to.offset, bounds.first))
      place(consuming, at, { offset: bounds.first })
  } else place(consuming, at, to.offset === bounds.first ? { offset: to.offset } : to)
}

function mayChange(
  { options, fail }: Consuming,
  kind: 'gone' | 'remade',
  { topic, partition }: Assigned,
  expected: number,
  next: number,
): boolean {
  const policy = kind === 'gone' ? options.whenGone : options.whenRemade
  options.report?.({ kind, topic, partition, expected, next })
  if (policy === 'continue') return true
  fail(
    kind === 'gone'
      ? worldError(
          'kafka-records-gone',
          `${topic}/${partition}: ${next - expected} records from offset ${expected} on were deleted before they were read`,
        )
      : worldError(
          'kafka-topic-remade',
          `${topic}/${partition}: the topic was made again, or lost its end, before offset ${expected}`,
        ),
  )
  return false
}

/** Reads on from there: one record earlier when that record can show that the topic is still the same. */
function place(consuming: Consuming, at: Assigned, { offset, timeBefore }: LogPlace): void {
  const { topic, partition } = at
  at.next = offset
  at.timeBefore = timeBefore
  at.isChecking = timeBefore !== undefined
  consuming.movedAt = performance.now()
  consuming.consumer?.seek({ topic, partition, offset: String(at.isChecking ? offset - 1 : offset) })
  if (!consuming.held.has(nameOf(at))) consuming.consumer?.resume([{ topic, partitions: [partition] }])
}
