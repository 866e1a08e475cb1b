import { boundsOf, isOurs, nameOf } from './kafka-begin.ts'
import type { Assigned, Consuming, LogPlace, PartitionBegin } from './kafka-group.ts'
import { worldError } from './world-error.ts'

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
  const asked = suspend(consuming, at)
  const work = async () => {
    const bounds = await boundsOf(consuming, [at])
    const first = bounds.get(at)?.first ?? 0
    if (isAwaited(consuming, at, asked) && mayChange(consuming, 'remade', at, expected, first))
      place(consuming, at, { offset: first })
  }
  work().catch((error) => giveUp(consuming, at, error))
}

/** @returns the number of the question where to go on */
function suspend(consuming: Consuming, at: Assigned): number {
  at.next = undefined
  pause(consuming, at.topic, at.partition)
  return ++at.asked
}

const isAwaited = (consuming: Consuming, at: Assigned, asked: number): boolean =>
  isOurs(consuming, at) && at.asked === asked

/** Fetches nothing more of a partition. */
export function pause({ consumer }: Consuming, topic: string, partition: number): void {
  consumer?.pause([{ topic, partitions: [partition] }])
}

/**
 * Begins partitions, each when its place is found.
 * @param known where to go on; else `begin` is asked
 */
export async function beginAll(
  consuming: Consuming,
  all: readonly Assigned[],
  known?: LogPlace,
): Promise<void> {
  if (all.length === 0) return
  try {
    const asked = new Map(all.map((at) => [at, at.asked]))
    const bounds = await boundsOf(consuming, all)
    const begun = [...bounds].map(([at, log]) => {
      return beginOne(consuming, at, { log, known, asked: asked.get(at) ?? 0 })
    })
    await Promise.all(begun)
  } catch (error) {
    giveUp(consuming, all[0], error)
  }
}

function giveUp(consuming: Consuming, at: Assigned, error: unknown): void {
  if (isOurs(consuming, at)) consuming.fail(error instanceof Error ? error : new Error(String(error)))
}

interface Beginning {
  readonly log: PartitionBegin
  readonly known: LogPlace | undefined
  readonly asked: number
}

async function beginOne(consuming: Consuming, at: Assigned, { log, known, asked }: Beginning): Promise<void> {
  const to = known ?? (await consuming.options.begin(log))
  // Whoever had the partition before may have stored a place after the bounds were read.
  const bounds = to.offset > log.end ? ((await boundsOf(consuming, [at])).get(at) ?? log) : log
  if (!isAwaited(consuming, at, asked)) return
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
  consuming.consumer?.seek({ topic, partition, offset: String(at.isChecking ? offset - 1 : offset) })
  if (!consuming.held.has(nameOf(at))) consuming.consumer?.resume([{ topic, partitions: [partition] }])
}
