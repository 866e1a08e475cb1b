import { setTimeout as sleep } from 'node:timers/promises'
import { createBlindLog } from './blind-log.ts'
import { type FeedSetup, newIntakeFeeds } from './feeds.ts'
import { createInFlight } from './in-flight.ts'
import type { Meter } from './meter.ts'
import type { Readiness } from './readiness.ts'
import { resumePositions } from './resume.ts'
import { checkpoint, type Station, type StepReport, step } from './station.ts'
import type { TopicFeeds } from './topic-feeds.ts'
import type { WatchSetup } from './watch.ts'

/** What rounds run on. */
export interface Rounds {
  readonly setup: WatchSetup
  readonly station: Station
  readonly meter: Meter
  readonly readiness: Readiness
  readonly feedSetup: FeedSetup
  /** Sources that are topics; undefined when none is. */
  readonly topics: TopicFeeds | undefined
  /** Ends the rounds after the one that is running. */
  readonly stop: AbortSignal
}

const IDLE_MS = 100
const DELIVER_EVERY_MS = 1000

/**
 * Round after round until stopped, then the state is stored. Notifications that are due go out every second beside
 * them, however much there is to read.
 * @param close runs when the last round is over, whatever ended it
 */
export async function runRounds(rounds: Rounds, close: () => Promise<void>): Promise<void> {
  const { station } = rounds
  const courier = startCourier(rounds)
  try {
    await loop(rounds, courier.deliver)
    await store(rounds)
  } finally {
    await courier.stop()
    await close()
    await rounds.topics?.close()
    for (const { source } of station.pipeline.collector.feeds) await source.close()
  }
}

interface Courier {
  deliver(): void
  stop(): Promise<void>
}

function startCourier({ setup, station }: Rounds): Courier {
  const inFlight = createInFlight()
  const failed = (error: unknown) =>
    setup.log('error', 'delivering failed', { error: error instanceof Error ? error.message : String(error) })
  const deliver = () => inFlight.add(station.alerter.deliverDue().catch(failed))
  const timer = setInterval(deliver, DELIVER_EVERY_MS)
  return {
    deliver,
    stop: async () => {
      clearInterval(timer)
      await inFlight.ended()
    },
  }
}

async function loop(rounds: Rounds, deliver: () => void): Promise<void> {
  const { setup, station, stop, readiness, topics } = rounds
  let storedAt = performance.now()
  const sayBlind = createBlindLog({ log: setup.log, now: () => performance.now() })
  // What topics hold may be older than what the other sources do: they are merged from the first event on.
  await Promise.race([topics?.begun, aborted(stop)])
  while (!stop.aborted) {
    readiness.beat()
    const { feeds } = station.pipeline.collector
    feeds.push(...(await station.persist(() => newIntakeFeeds(rounds.feedSetup, feeds))))
    topics?.renew(feeds)
    const report = await step(station)
    if (report !== undefined) take(rounds, report, deliver)
    sayBlind(feeds)
    if (performance.now() - storedAt >= setup.config.analyzer.checkpointEveryMs) {
      await store(rounds)
      storedAt = performance.now()
    }
    const isIdle = report === undefined || report.isIdle
    await sleep(isIdle ? IDLE_MS : 0, undefined, { signal: stop }).catch(() => {})
  }
}

function take({ meter, setup }: Rounds, report: StepReport, deliver: () => void): void {
  meter.onStep(report)
  setup.onReport(report)
  if (report.updates.length > 0) deliver()
}

function aborted(stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (stop.aborted) resolve()
  stop.addEventListener('abort', () => resolve(), { once: true })
  return promise
}

/** Stores the state, then lets the journal forget what every partition has taken in. */
async function store({ setup, station, meter, topics }: Rounds): Promise<void> {
  const began = performance.now()
  const bytes = await checkpoint(station)
  meter.onCheckpoint((performance.now() - began) / 1000, bytes)
  const positions = resumePositions(station.pipeline.engines)
  topics?.settle(positions)
  for (const [source, { offset }] of positions)
    if (source === 'stdin' || source.startsWith('http:'))
      await station.persist(() => setup.ports.journal.trim(source, offset))
}
