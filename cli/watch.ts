import { setTimeout as sleep } from 'node:timers/promises'
import type { Send } from '../alerter/deliver.ts'
import { type Alerter, startAlerter } from '../alerter/main.ts'
import { createCollector } from '../collector/collect.ts'
import type { Config } from '../domain/config/schema.ts'
import type { IntakeJournal } from '../domain/ports.ts'
import { hmacHex, sha256Hex } from '../io/hash.ts'
import { intakeRoute } from '../io/intake-route.ts'
import { withSecrets } from '../io/secret.ts'
import { type Doors, openDoors } from './doors.ts'
import { openEngines } from './engines.ts'
import { configuredFeeds, type FeedSetup, newIntakeFeeds } from './feeds.ts'
import { type Meter, openMeter } from './meter.ts'
import type { Pipeline } from './pipeline.ts'
import { createReadiness, type Readiness } from './readiness.ts'
import {
  checkpoint,
  claimAll,
  resumeClock,
  resumePositions,
  type Station,
  type StationPorts,
  type StepReport,
  step,
} from './station.ts'

/** Everything outside that watching needs; a test may wrap any of it. */
export interface WatchSetup {
  readonly config: Config
  readonly ports: StationPorts & { readonly journal: IntakeJournal }
  readonly send: Send
  readonly bearerKey: Uint8Array
  /** Wall clock, epoch ms. */
  readonly clock: () => number
  readonly onReport: (report: StepReport) => void
  /** One line for each change of state. */
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields?: object) => void
}

export interface Watching {
  readonly doors: Doors
  /** Takes no more in, finishes what was read, stores the state, closes. Safe to call twice. */
  stop(): Promise<void>
  /** Resolves when watching has stopped; rejects with what broke it. */
  readonly ended: Promise<void>
}

interface Parts {
  readonly setup: WatchSetup
  readonly station: Station
  readonly meter: Meter
  readonly readiness: Readiness
  readonly feedSetup: FeedSetup
}

/** Loads the stored state, opens the ports, and watches until stopped. */
export async function watch(setup: WatchSetup): Promise<Watching> {
  const readiness = createReadiness()
  const engines = openEngines(setup.config)
  const claimed = await claimAll(engines, setup.ports.checkpoints)
  const feedSetup = feedSetupOf(setup, resumePositions(engines))
  const collector = createCollector(configuredFeeds(feedSetup), {
    partitions: setup.config.stream.partitions,
    latenessMs: setup.config.analyzer.latenessMs,
    wallClock: setup.clock,
  })
  resumeClock(collector, engines)
  const pipeline: Pipeline = { collector, engines }
  let alerter: Alerter
  const meter = openMeter(
    { pipeline, store: setup.ports.incidents, alerter: () => alerter, readiness },
    setup.config.alerter.endpoints,
    ['/v1/logs'],
  )
  alerter = openAlerter(setup, meter)
  await alerter.forgetRemovedEndpoints()
  const station: Station = { pipeline, alerter, ports: setup.ports, ...claimed, nextDecision: 0 }
  const parts: Parts = { setup, station, meter, readiness, feedSetup }
  const doors = await openDoors({
    config: setup.config,
    apiRoutes: alerter.routes,
    intakeRoutes: [intakeRoute({ journal: setup.ports.journal, now: setup.clock, ...setup.config.intake })],
    meter,
    readiness,
    onError: (error) => setup.log('error', 'a request failed', { error: error.message }),
  })
  readiness.clear('starting')
  return run(parts, doors)
}

function feedSetupOf(setup: WatchSetup, resume: FeedSetup['resume']): FeedSetup {
  return {
    config: setup.config,
    journal: setup.ports.journal,
    bearerKey: setup.bearerKey,
    resume,
    report: (change, path) => setup.log(change === 'lost' ? 'warn' : 'info', `file ${change}`, { path }),
  }
}

function openAlerter(setup: WatchSetup, meter: Meter): Alerter {
  return startAlerter({
    store: setup.ports.incidents,
    endpoints: setup.config.alerter.endpoints.map((endpoint) => withSecrets(endpoint)),
    options: setup.config.alerter,
    send: setup.send,
    sha256Hex,
    hmacHex: (text) => hmacHex(setup.bearerKey, text),
    clock: setup.clock,
    dice: Math.random,
    onChange: (change) => meter.onChange(change),
    onAttempt: (attempt) => meter.onAttempt(attempt),
  })
}

const IDLE_MS = 100
const DELIVER_EVERY_MS = 1000

function run(parts: Parts, doors: Doors): Watching {
  const { setup, station } = parts
  const stopping = new AbortController()
  const failed = (error: unknown) =>
    setup.log('error', 'delivering failed', { error: error instanceof Error ? error.message : String(error) })
  const deliver = () => void station.alerter.deliverDue().catch(failed)
  const timer = setInterval(deliver, DELIVER_EVERY_MS)
  const ended = loop(parts, stopping.signal, deliver).finally(async () => {
    clearInterval(timer)
    await doors.close()
    for (const feed of station.pipeline.collector.feeds) await feed.source.close()
  })
  return {
    doors,
    ended,
    stop: async () => {
      parts.readiness.set('stopping', 'the process was told to stop')
      stopping.abort()
      await ended
    },
  }
}

async function loop(parts: Parts, stop: AbortSignal, deliver: () => void): Promise<void> {
  const { setup, station } = parts
  let storedAt = performance.now()
  while (!stop.aborted) {
    const { feeds } = station.pipeline.collector
    feeds.push(...(await newIntakeFeeds(parts.feedSetup, feeds)))
    const report = await step(station)
    if (report !== undefined) {
      parts.meter.onStep(report)
      setup.onReport(report)
      if (report.updates.length > 0) deliver()
    }
    if (performance.now() - storedAt >= setup.config.analyzer.checkpointEveryMs) {
      await store(parts)
      storedAt = performance.now()
    }
    if (report === undefined || report.isIdle)
      await sleep(IDLE_MS, undefined, { signal: stop }).catch(() => {})
    else await sleep(0)
  }
  await store(parts)
}

/** Stores the state, then lets the journal forget what every partition has taken in. */
async function store({ setup, station, meter }: Parts): Promise<void> {
  const began = performance.now()
  const bytes = await checkpoint(station)
  meter.onCheckpoint((performance.now() - began) / 1000, bytes)
  for (const [source, { offset }] of resumePositions(station.pipeline.engines))
    if (source === 'stdin' || source.startsWith('http:')) await setup.ports.journal.trim(source, offset)
}
