import { resolve } from 'node:path'
import { type Alerter, startAlerter } from '../alerter/main.ts'
import { framingOf } from '../collector/auto.ts'
import { collect, createCollector } from '../collector/collect.ts'
import { createFeed, type Feed } from '../collector/feed.ts'
import { createMemo } from '../collector/memo.ts'
import { PARSERS, parserNamed } from '../collector/registry.ts'
import { repeated } from '../domain/config/repeated.ts'
import type { Config } from '../domain/config/schema.ts'
import type { Finding } from '../domain/finding.ts'
import type { Incident } from '../domain/incident.ts'
import type { IncidentPage } from '../domain/ports.ts'
import type { Reject } from '../domain/reject.ts'
import { openFile } from '../io/file-read.ts'
import { hmacHex, sha256Hex } from '../io/hash.ts'
import { openDatabase } from '../io/sqlite.ts'
import { SqliteIncidents } from '../io/sqlite-incidents.ts'
import { openEngines } from './engines.ts'
import { incidentFacts } from './incident-facts.ts'
import { linesOut } from './lines-out.ts'
import { loadConfig } from './load-config.ts'
import { analyze, finishAll, frontierOf, type Pipeline, tell } from './pipeline.ts'
import { emitEvents, emitReject, scoreLines } from './replay-emit.ts'
import { summarise } from './replay-summary.ts'

export const EMITS = ['incidents', 'findings', 'events', 'scores'] as const

export interface ReplayOptions {
  readonly format: string
  readonly config?: string
  readonly emit: (typeof EMITS)[number]
  readonly all?: boolean
}

/** A replay waits on no wall clock, so it can give a connection's earlier rows more time to turn up. */
const PATIENT_SETTLE_MS = 300_000

/** Key of the HMAC when no data folder has one: a replay gives the same output everywhere. */
const REPLAY_KEY = new TextEncoder().encode('meshwatch replay')

/**
 * `meshwatch replay`: log files through the whole pipeline on event time. JSON lines on standard output, a summary on
 * standard error.
 * @returns the exit code
 */
export async function replayCommand(paths: readonly string[], options: ReplayOptions): Promise<number> {
  const began = performance.now()
  const config = patient(await loadConfig(options.config))
  const out = linesOut(process.stdout)
  const feeds = await openFeeds(paths, options.format, config)
  const rejects = new Map<string, number>()
  const found = new Map<string, number>()
  const collector = createCollector(feeds, {
    partitions: config.stream.partitions,
    latenessMs: config.analyzer.latenessMs,
    ...(options.emit === 'events' ? { onEvent: emitEvents(out) } : {}),
  })
  const pipeline: Pipeline = {
    collector,
    engines: openEngines(config),
    ...(options.emit === 'scores' ? { onScores: scoreLines(out) } : {}),
  }
  const store = new SqliteIncidents(openDatabase(':memory:'))
  const alerter = quietAlerter(config, store)
  const take = async (findings: readonly Finding[]) => {
    for (let next = findings; next.length > 0; ) {
      for (const finding of next) {
        if (!options.all && !finding.withinBudget) continue
        found.set(finding.detector, (found.get(finding.detector) ?? 0) + 1)
        if (options.emit === 'findings') out.write(finding)
      }
      const { updates } = await alerter.accept(next)
      next = tell(pipeline, incidentFacts(updates))
    }
  }
  const refuse = (reject: Reject) => {
    rejects.set(reject.reason, (rejects.get(reject.reason) ?? 0) + 1)
    if (options.emit === 'events') emitReject(out, reject)
  }
  for (
    let round = await collect(collector);
    round !== undefined && !out.isClosed;
    round = await collect(collector)
  ) {
    round.rejects.forEach(refuse)
    if (options.emit !== 'events') {
      await take(analyze(pipeline, round))
      const { updates } = await alerter.tick(frontierOf(pipeline))
      await take(tell(pipeline, incidentFacts(updates)))
    }
    await out.flush()
  }
  await take(finishAll(pipeline))
  if (options.emit === 'incidents') for await (const incident of allIncidents(store)) out.write(incident)
  await out.flush()
  for (const feed of feeds) await feed.source.close()
  console.error(
    summarise({
      feeds,
      rejects,
      found,
      engines: pipeline.engines,
      seconds: (performance.now() - began) / 1000,
    }),
  )
  return 0
}

/** All incidents, the newest first. */
async function* allIncidents(store: SqliteIncidents): AsyncGenerator<Incident> {
  for (let after: IncidentPage['next'] | undefined, more = true; more; ) {
    const page: IncidentPage = await store.list({}, 200, after)
    for (const { id } of page.incidents) yield (await store.get(id))!
    after = page.next
    more = after !== undefined
  }
}

function patient(config: Config): Config {
  const detectors = config.analyzer.detectors as Record<string, { settleMs?: number }>
  const revoked = detectors['revoked-credential']
  const settled = {
    ...detectors,
    'revoked-credential': { ...revoked, settleMs: Math.max(revoked?.settleMs ?? 0, PATIENT_SETTLE_MS) },
  }
  return {
    ...config,
    analyzer: { ...config.analyzer, detectors: settled as Config['analyzer']['detectors'] },
  }
}

async function openFeeds(paths: readonly string[], format: string, config: Config): Promise<Feed[]> {
  const parser = format === 'auto' ? 'auto' : parserNamed(format)
  if (parser === undefined)
    throw new Error(`unknown format "${format}": write auto, ${PARSERS.map(({ name }) => name).join(', ')}`)
  refuseRepeated(paths)
  const feeds: Feed[] = []
  for (const path of paths) {
    const source = await openFile(path, {
      framingOf: parser === 'auto' ? framingOf : () => parser.framing,
      maxRecordBytes: config.maxRecordBytes,
    })
    const hmac = (secret: string) => `hmac-sha256:${hmacHex(REPLAY_KEY, secret)}`
    feeds.push(
      createFeed(source, parser, { source: path, trustDomain: config.trustDomain, hmac, memo: createMemo() }),
    )
  }
  return feeds
}

function refuseRepeated(paths: readonly string[]): void {
  const [again] = repeated(paths.map((path) => (path === '-' ? path : resolve(path))))
  if (again !== undefined)
    throw new Error(`${paths[again.at]} is named twice: remove one of the two, or every call counts twice`)
}

/** An alerter that tells nobody: incidents are all that is wanted of it. */
function quietAlerter(config: Config, store: SqliteIncidents): Alerter {
  return startAlerter({
    store,
    endpoints: [],
    options: config.alerter,
    send: () => Promise.reject(new Error('a replay sends nothing')),
    sha256Hex,
    hmacHex: sha256Hex,
    clock: () => 0,
    dice: () => 0,
    onChange: () => {},
    onAttempt: () => {},
  })
}
