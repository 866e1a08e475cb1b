import type { Send } from '../alerter/deliver.ts'
import { type Alerter, type AlerterSetup, startAlerter } from '../alerter/main.ts'
import { createCollector } from '../collector/collect.ts'
import type { Config } from '../domain/config/schema.ts'
import type { Fact } from '../domain/decision.ts'
import type { IntakeJournal } from '../domain/ports.ts'
import { NO_TRACER, type Tracer } from '../domain/trace.ts'
import { hmacHex, sha256Hex } from '../io/hash.ts'
import { intakeRoute } from '../io/intake-route.ts'
import { withSecrets } from '../io/secret.ts'
import { type Canary, createCanary } from './canary.ts'
import { coverageOf } from './coverage.ts'
import { coverageRoute } from './coverage-route.ts'
import { type Doors, openDoors } from './doors.ts'
import { openEngines } from './engines.ts'
import { feedSetupOf } from './feed-setup.ts'
import { configuredFeeds } from './feeds.ts'
import { sayGivenUp } from './given-up.ts'
import { incidentFacts } from './incident-facts.ts'
import { type Meter, openMeter, watchedBy } from './meter.ts'
import { persistent } from './persist.ts'
import type { Pipeline } from './pipeline.ts'
import { readInput } from './read-input.ts'
import { createReadiness, type Readiness } from './readiness.ts'
import { claimAll, resumeClock, resumePositions } from './resume.ts'
import { type Rounds, runRounds } from './rounds.ts'
import type { StationPorts, StepReport } from './station.ts'
import { openTopicFeeds } from './topic-feeds.ts'
import { tracedSend } from './traced-send.ts'

/** Everything outside that watching needs; a test may wrap any of it. */
export interface WatchSetup {
  readonly config: Config
  readonly ports: StationPorts & { readonly journal: IntakeJournal }
  readonly send: Send
  readonly bearerKey: Uint8Array
  /** Read when the configuration names standard input as a source. */
  readonly input: AsyncIterable<Uint8Array>
  /** Wall clock, epoch ms. */
  readonly clock: () => number
  /** Told of each batch and delivery; nobody is when absent. */
  readonly tracer?: Tracer
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

/** What exists before any state is loaded. */
interface Frame {
  /** With ports whose calls are timed. */
  readonly setup: WatchSetup
  readonly canary: Canary
  readonly pipeline: Pipeline
  readonly alerter: Alerter
  readonly facts: Fact[]
  readonly meter: Meter
  readonly readiness: Readiness
}

/**
 * Opens the ports, loads the stored state, and watches until stopped. The ports come first: who cannot have them must
 * not take the state from the process that does the work.
 */
export async function watch(given: WatchSetup): Promise<Watching> {
  const frame = openFrame(given)
  const { setup } = frame
  const doors = await openDoors({
    ...frame,
    config: setup.config,
    apiRoutes: [...frame.alerter.routes, coverageRoute(() => coverageOf(frame.pipeline.collector.feeds))],
    intakeRoutes: [intakeRoute({ journal: setup.ports.journal, now: setup.clock, ...setup.config.intake })],
    onError: (error, requestId) =>
      setup.log('error', 'a request failed', { error: error.message, requestId }),
  })
  const stopping = new AbortController()
  try {
    const ended = runRounds(await loadState(frame, stopping.signal), async () => doors.close())
    frame.readiness.clear('starting')
    return {
      doors,
      ended,
      stop: async () => {
        frame.readiness.set('stopping', 'the process was told to stop')
        stopping.abort()
        await ended
      },
    }
  } catch (error) {
    await doors.close()
    throw error
  }
}

function openFrame(given: WatchSetup): Frame {
  const { config, clock, tracer = NO_TRACER } = given
  const collector = createCollector([], {
    partitions: config.stream.partitions,
    latenessMs: config.analyzer.latenessMs,
    wallClock: clock,
  })
  const pipeline: Pipeline = { collector, engines: openEngines(config) }
  const readiness = createReadiness(() => performance.now())
  const facts: Fact[] = []
  const canary = createCanary(clock)
  const watched = {
    ...watchedBy(pipeline),
    canary: canary.stamps,
    store: given.ports.incidents,
    circuits: () => [...alerter.circuits()],
  }
  const meter = openMeter({ config, watched, readiness, tracer })
  const ports = meteredPorts(given.ports, meter)
  watched.store = ports.incidents
  const setup = { ...given, ports }
  const { send, owe } = tracedSend(tracer, meter.timed(setup.send))
  const givenUp = sayGivenUp(setup.log)
  const alerter = openAlerter(setup, {
    send,
    onChange: (change) => {
      owe(change.deliveries)
      facts.push(...incidentFacts(change.updates))
      meter.onChange(change)
    },
    onAttempt: (attempt) => {
      meter.onAttempt(attempt)
      givenUp(attempt)
    },
  })
  return { setup, pipeline, alerter, facts, meter, readiness, canary }
}

function meteredPorts(ports: WatchSetup['ports'], meter: Meter): WatchSetup['ports'] {
  return {
    checkpoints: meter.stored('checkpoints', ports.checkpoints),
    incidents: meter.stored('incidents', ports.incidents),
    rejects: meter.stored('rejects', ports.rejects),
    journal: meter.stored('journal', ports.journal),
  }
}

function openAlerter(
  setup: WatchSetup,
  told: Pick<AlerterSetup, 'send' | 'onChange' | 'onAttempt'>,
): Alerter {
  return startAlerter({
    store: setup.ports.incidents,
    endpoints: setup.config.alerter.endpoints.map((endpoint) => withSecrets(endpoint)),
    options: setup.config.alerter,
    sha256Hex,
    hmacHex: (text) => hmacHex(setup.bearerKey, text),
    clock: setup.clock,
    dice: Math.random,
    ...told,
  })
}

async function loadState(frame: Frame, stop: AbortSignal): Promise<Rounds> {
  const { setup, canary } = frame
  const { collector, engines } = frame.pipeline
  const { ports } = setup
  const claimed = await claimAll(engines, ports.checkpoints)
  const feedSetup = feedSetupOf(setup, frame.readiness, resumePositions(engines))
  collector.feeds.push(...configuredFeeds(feedSetup))
  resumeClock(collector, engines)
  await frame.alerter.forgetRemovedEndpoints()
  const topics = openTopicFeeds({
    ...setup,
    readiness: frame.readiness,
    meter: frame.meter,
    positions: () => resumePositions(engines),
  })
  const persist = persistent({ readiness: frame.readiness, stop, log: setup.log })
  readInput(setup, persist)
  return {
    setup,
    feedSetup,
    topics,
    stop,
    station: {
      ...frame,
      ...claimed,
      ports,
      nextDecision: 0,
      persist,
      tracer: setup.tracer ?? NO_TRACER,
      canary,
    },
    meter: frame.meter,
    readiness: frame.readiness,
  }
}
