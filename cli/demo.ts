import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Send } from '../alerter/deliver.ts'
import { type Alerter, type AlerterSetup, startAlerter } from '../alerter/main.ts'
import { createCollector } from '../collector/collect.ts'
import { createFeed } from '../collector/feed.ts'
import { createMemo } from '../collector/memo.ts'
import { ATTACK_MS, plan } from '../demo/plan.ts'
import { CA_SOURCE, MESH_SOURCE } from '../demo/shop.ts'
import { readConfig } from '../domain/config/read.ts'
import type { Config } from '../domain/config/schema.ts'
import type { Fact } from '../domain/decision.ts'
import type { Incident } from '../domain/incident.ts'
import { NO_TRACER } from '../domain/trace.ts'
import { hmacHex, randomKey, sha256Hex } from '../io/hash.ts'
import { openDatabase } from '../io/sqlite.ts'
import { sqliteCheckpoints } from '../io/sqlite-checkpoints.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'
import { sqliteRejects } from '../io/sqlite-rejects.ts'
import { sendWebhook } from '../io/webhook-client.ts'
import { startWebhookReceiver } from '../io/webhook-receiver.ts'
import { createCanary } from './canary.ts'
import { coverageOf } from './coverage.ts'
import { coverageRoute } from './coverage-route.ts'
import { demoScreen, type Screen } from './demo-screen.ts'
import { type DemoSources, demoSources } from './demo-source.ts'
import { exitCodeOf, judgeDemo } from './demo-verdict.ts'
import { openDoors } from './doors.ts'
import { openEngines } from './engines.ts'
import { EXTENSIONS } from './extensions.ts'
import { incidentFacts } from './incident-facts.ts'
import { type Meter, openMeter, watchedBy } from './meter.ts'
import type { Pipeline } from './pipeline.ts'
import { createReadiness } from './readiness.ts'
import { claimAll } from './resume.ts'
import { type Station, step } from './station.ts'

export interface DemoOptions {
  readonly once?: boolean
  readonly seed: number
}

const MINUTE_MS = 60_000
const HISTORY_MS = 14 * 24 * 60 * MINUTE_MS
/** Quiet traffic between the history and the attack, and after it. */
const CALM_MS = 10 * MINUTE_MS
/** Event time that is learned in one go. */
const LEARN_SLICE_MS = 6 * 60 * MINUTE_MS
/** The attack plays this much faster than the clock, in slices of so much event time. */
const ATTACK_SLICE_MS = 20_000
const ATTACK_SLICES_PER_SECOND = 8
const LIVE_MS = 1000

/**
 * `meshwatch demo`: a generator plays a shop in raw log lines, which take the way of any log line. Two weeks are
 * learned as fast as they parse, an attack plays fast, then traffic goes on as it happens.
 * @returns the exit code: with `--once` 0 only if exactly the planted incidents were raised
 */
export async function demoCommand({ once = false, seed }: DemoOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwatch-demo-'))
  const demo = await openDemo(folder, seed)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  try {
    await learn(demo, stop.signal)
    await attack(demo, stop.signal)
    if (!once && !stop.signal.aborted) await live(demo, stop.signal)
    await demo.station.alerter.deliverDue()
    return stop.signal.aborted ? 0 : await verdict(demo, seed)
  } finally {
    await demo.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Demo {
  readonly station: Station
  readonly shop: DemoSources
  readonly screen: Screen
  readonly meter: Meter
  readonly attackStart: number
  readonly incidents: Map<string, Incident>
  close(): Promise<void>
}

async function openDemo(folder: string, seed: number): Promise<Demo> {
  const screen = demoScreen(seed)
  const attackStart = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - ATTACK_MS - CALM_MS
  const shop = demoSources({ seed, start: attackStart - CALM_MS - HISTORY_MS, attackStart })
  const database = openDatabase(join(folder, 'meshwatch.db'))
  const store = new SqliteIncidents(database)
  const secret = `whsec_${Buffer.from(randomKey()).toString('base64')}`
  const receiver = await startWebhookReceiver(secret, (received) => screen.page(received))
  const config = demoConfig(receiver.url)
  const engines = openEngines(config)
  const feeds = shop.sources.map((source) =>
    createFeed(source, 'auto', {
      source: source.name,
      trustDomain: config.trustDomain,
      hmac: (text) => sha256Hex(text),
      memo: createMemo(),
    }),
  )
  const pipeline: Pipeline = {
    collector: createCollector(feeds, {
      partitions: config.stream.partitions,
      latenessMs: config.analyzer.latenessMs,
    }),
    engines,
  }
  const readiness = createReadiness(() => performance.now())
  const facts: Fact[] = []
  const canary = createCanary(Date.now)
  const meter = openMeter({
    config,
    watched: {
      ...watchedBy(pipeline),
      canary: canary.stamps,
      store,
      circuits: () => [...alerter.circuits()],
    },
    readiness,
  })
  const incidents = meter.stored('incidents', store)
  const alerter = openDemoAlerter(
    { config, store: incidents, secret, send: meter.timed(sendWebhook) },
    {
      onChange: (change) => {
        facts.push(...incidentFacts(change.updates))
        meter.onChange(change)
      },
      onAttempt: (attempt) => meter.onAttempt(attempt),
    },
  )
  const checkpoints = meter.stored('checkpoints', sqliteCheckpoints(database))
  const ports = { checkpoints, incidents, rejects: meter.stored('rejects', sqliteRejects(database)) }
  const station: Station = {
    pipeline,
    alerter,
    ports,
    ...(await claimAll(engines, checkpoints)),
    facts,
    nextDecision: 0,
    persist: (write) => write(),
    tracer: NO_TRACER,
    canary,
  }
  const doors = await openDoors({
    config,
    apiRoutes: [...alerter.routes, coverageRoute(() => coverageOf(feeds))],
    intakeRoutes: [],
    meter,
    readiness,
    onError: (error) => screen.trouble(error),
  })
  readiness.clear('starting')
  screen.open(doors)
  const close = async () => {
    await doors.close()
    await receiver.close()
    database.close()
  }
  return { station, shop, screen, meter, attackStart, incidents: new Map(), close }
}

/** Free ports of loopback, and the receiver as the one endpoint. */
function demoConfig(url: string): Config {
  const result = readConfig(
    `sources: [{ file: ${CA_SOURCE}, name: ${CA_SOURCE} }, { file: ${MESH_SOURCE}, name: ${MESH_SOURCE} }]
api: { port: 0 }
metrics: { port: 0 }
intake: { enabled: false }
`,
    'demo',
    EXTENSIONS,
  )
  if (!('config' in result)) throw new Error('the demo has no valid configuration')
  const { config } = result
  const endpoint = {
    name: 'on-call',
    channel: 'webhook',
    minimumSeverity: 'low' as const,
    options: { url },
    secrets: [],
  }
  return { ...config, alerter: { ...config.alerter, endpoints: [endpoint] } }
}

function openDemoAlerter(
  { config, store, secret, send }: { config: Config; store: SqliteIncidents; secret: string; send: Send },
  told: Pick<AlerterSetup, 'onChange' | 'onAttempt'>,
): Alerter {
  const key = randomKey()
  return startAlerter({
    store,
    endpoints: config.alerter.endpoints.map(({ secrets: _, options, ...endpoint }) => ({
      ...endpoint,
      options: { ...options, secrets: [secret] },
    })),
    options: config.alerter,
    send,
    sha256Hex,
    hmacHex: (text) => hmacHex(key, text),
    clock: Date.now,
    dice: Math.random,
    ...told,
  })
}

/** Takes in all that was played, shows what came of it, and sends what is owed. */
async function takeAll({ station, screen, meter, incidents }: Demo): Promise<void> {
  for (let report = await step(station); report !== undefined; report = await step(station)) {
    meter.onStep(report)
    for (const { before, after } of report.updates) {
      incidents.set(after.id, after)
      screen.incident(before, after)
    }
    if (report.updates.length > 0) await station.alerter.deliverDue()
  }
}

async function learn(demo: Demo, stop: AbortSignal): Promise<void> {
  const end = demo.attackStart
  const start = end - CALM_MS - HISTORY_MS
  let lines = 0
  for (let time = start; time < end && !stop.aborted; ) {
    time = Math.min(end, time + LEARN_SLICE_MS)
    lines += demo.shop.playTo(time)
    await takeAll(demo)
    demo.screen.learning({ share: (time - start) / (end - start), lines })
    await sleep(0)
  }
  demo.screen.learned({ lines, state: demo.station.pipeline.engines[0].state })
}

async function attack(demo: Demo, stop: AbortSignal): Promise<void> {
  const end = demo.attackStart + ATTACK_MS + CALM_MS
  for (let time = demo.attackStart; time < end && !stop.aborted; ) {
    time = Math.min(end, time + ATTACK_SLICE_MS)
    demo.shop.playTo(time)
    await takeAll(demo)
    demo.screen.clock(time)
    await sleep(1000 / ATTACK_SLICES_PER_SECOND, undefined, { signal: stop }).catch(() => {})
  }
}

async function live(demo: Demo, stop: AbortSignal): Promise<void> {
  demo.screen.live()
  while (!stop.aborted) {
    demo.shop.playTo(Date.now())
    await takeAll(demo)
    await demo.station.alerter.deliverDue()
    await sleep(LIVE_MS, undefined, { signal: stop }).catch(() => {})
  }
}

async function verdict({ attackStart, incidents, screen }: Demo, seed: number): Promise<number> {
  const judged = judgeDemo(plan(seed, attackStart), [...incidents.values()])
  screen.verdict(judged)
  return exitCodeOf(judged)
}
