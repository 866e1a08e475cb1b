import type { Fact } from '../../domain/decision.ts'
import type { Finding } from '../../domain/finding.ts'
import type { Sha256Hex } from '../../domain/hash.ts'
import type { CredentialWatch, Detector, EdgeWatch, WindowWatch } from '../detector.ts'
import { type Calibrated, calibrate } from './calibration.ts'
import type { Waiting } from './frozen.ts'
import { createWorld } from './known.ts'
import { MAX_INDEXED_ROWS } from './pair-index.ts'
import type { Priors } from './priors.ts'
import { type Lookups, newLookups } from './rows.ts'
import { createState, type State } from './state.ts'
import type { Layout } from './table.ts'
import { createWindows, type Windows, windowColumns } from './windows.ts'
import type { World } from './world.ts'

/**
 * One analyzer partition: its state, the detectors bound to it, and what it has to say. It is a function of its
 * stream alone: no clock, no dice, no reading of anything else.
 */
export interface Engine {
  readonly options: EngineOptions
  readonly state: State
  readonly world: World
  readonly edgeWatches: readonly Judged<EdgeWatch>[]
  readonly counted: { readonly edge: readonly Counted[]; readonly identity: readonly Counted[] }
  readonly credentialWatches: readonly CredentialWatch[]
  readonly clock: Clock
  /** Next coordinate of each source, by the number of the source. */
  readonly next: Map<number, NextRow>
  /** What the last batch's dictionary was found to mean. */
  lookups: Lookups
  readonly expected: Map<string, number>
  /** Callers that are not learned from, by their rows, and until when, epoch ms. */
  readonly frozen: Map<number, number>
  /** By caller: findings that another detector may still agree with. */
  readonly waiting: Map<string, readonly Waiting[]>
  readonly priors: Map<number, Priors>
  merged: Priors
  /** Callers of the last day by partition, as told. */
  readonly told: Map<number, number>
  readonly counters: Counters
  /** What was left of the lifetime of each credential that was presented on a new connection, until it is taken. */
  readonly lifetimesLeftMs: number[]
  /** What was said and not taken yet. */
  findings: Finding[]
  facts: Fact[]
}

export interface EngineOptions {
  readonly partition: number
  readonly partitions: number
  /** A watermark lies this much behind the newest event. */
  readonly latenessMs: number
  readonly maxEdges: number
  readonly maxIdentities: number
  readonly maxCredentials: number
  readonly maxConnections: number
  readonly expireIdleDays: number
  readonly findingsPerDay: number
  readonly incidentsPerDay: number
  /** Event time without a finding after which an incident resolves by itself. */
  readonly quietMs: { readonly statistical: number; readonly certain: number }
  /** Different detectors that speak about one caller within this open an incident together. */
  readonly agreementMs: number
  readonly detectors: readonly Detector[]
  /** Options of each detector by name, already complete. */
  readonly detectorOptions: Readonly<Record<string, unknown>>
  readonly sha256Hex: Sha256Hex
}

/** A watch with the detector it belongs to and the measure of its scores. */
export interface Judged<W> {
  readonly watch: W
  readonly detector: Detector
  readonly calibrated: Calibrated
}

/** Windows of one length with those who watch them. */
export interface Counted {
  readonly windows: Windows
  readonly judged: readonly Judged<WindowWatch>[]
}

export interface Clock {
  bornAt: number
  watermark: number
  /** Newest event time known: watermark plus lateness, or later. */
  frontier: number
  hour: number
  day: number
  /** Connection row that was last looked at for a victim. */
  hand: number
  /** Row of the foreign edge that is forgotten next, once there are as many as there may be. */
  oldestForeign: number
  /** Rises when rows were freed, so that row numbers looked up before must be looked up again. */
  frees: number
}

export interface NextRow {
  offset: number
  index: number
  line: number
}

/** Totals since the process started. */
export interface Counters {
  calls: number
  uses: number
  repeated: number
  unverified: number
  late: number
  early: number
  overflow: number
  /** Credentials presented by another caller, or from another address, than on their connections before. */
  otherCaller: number
  otherAddress: number
  /** Credentials used after a long rest. */
  dormant: number
}

/** Share of one watch in its detector's budget. */
function shareOf(detector: Detector, watches: number): number {
  return (detector.budgetShare ?? 0) / watches
}

/**
 * An engine without memory.
 * @throws RangeError when more rows are allowed than can be found again
 */
export function createEngine(options: EngineOptions): Engine {
  for (const bound of ['maxEdges', 'maxConnections'] as const)
    if (options[bound] > MAX_INDEXED_ROWS)
      throw new RangeError(`${bound} is ${options[bound]}: set it to at most ${MAX_INDEXED_ROWS}`)
  const columns = (table: 'identity' | 'edge' | 'credential' | 'connection'): Layout =>
    Object.assign(
      {},
      ...options.detectors.map((detector) =>
        Object.fromEntries(
          Object.entries(detector.columns[table] ?? {}).map(([name, type]) => [
            `${detector.name}_${name}`,
            type,
          ]),
        ),
      ),
    )
  const windowed = Object.assign(
    {},
    ...options.detectors.flatMap((detector) => (detector.windows ?? []).map(windowColumns)),
  )
  const state = createState({
    identity: { ...columns('identity'), ...windowed },
    edge: { ...columns('edge'), ...windowed },
    credential: columns('credential'),
    connection: columns('connection'),
  })
  const engine = emptyEngine(options, state)
  const watches = options.detectors.map((detector) => ({
    detector,
    watch: detector.open(engine.world, options.detectorOptions[detector.name] ?? {}),
  }))
  return Object.assign(engine, {
    edgeWatches: watches.flatMap(({ detector, watch }) =>
      watch.edges ? [judged(options, detector, watch.edges, 1)] : [],
    ),
    credentialWatches: watches.flatMap(({ watch }) => watch.credentials ?? []),
    counted: { edge: countedOf(engine, watches, 'edge'), identity: countedOf(engine, watches, 'identity') },
  })
}

function emptyEngine(options: EngineOptions, state: State): Engine {
  const engine = {
    options,
    state,
    edgeWatches: [],
    counted: { edge: [], identity: [] },
    credentialWatches: [],
    clock: { bornAt: 0, watermark: 0, frontier: 0, hour: 0, day: 0, hand: 0, oldestForeign: 0, frees: 0 },
    next: new Map(),
    lookups: newLookups([], 0),
    expected: new Map(),
    frozen: new Map(),
    waiting: new Map(),
    priors: new Map(),
    merged: new Map(),
    told: new Map(),
    counters: {
      calls: 0,
      uses: 0,
      repeated: 0,
      unverified: 0,
      late: 0,
      early: 0,
      overflow: 0,
      otherCaller: 0,
      otherAddress: 0,
      dormant: 0,
    },
    lifetimesLeftMs: [],
    findings: [],
    facts: [],
  }
  return Object.assign(engine, { world: createWorld(engine as unknown as Engine) }) as unknown as Engine
}

function judged<W extends EdgeWatch | WindowWatch>(
  options: EngineOptions,
  detector: Detector,
  watch: W,
  watches: number,
): Judged<W> {
  const share = shareOf(detector, watches)
  return {
    detector,
    watch,
    calibrated: calibrate(watch.channel, options.findingsPerDay * share, options.incidentsPerDay * share),
  }
}

function countedOf(
  engine: Engine,
  opened: readonly { detector: Detector; watch: ReturnType<Detector['open']> }[],
  table: 'edge' | 'identity',
): Counted[] {
  const lengths = new Set(engine.options.detectors.flatMap((detector) => detector.windows ?? []))
  return [...lengths]
    .sort((a, b) => a - b)
    .map((lengthMs) => ({
      windows: createWindows(table === 'edge' ? engine.state.edges : engine.state.identities, lengthMs),
      judged: opened.flatMap(({ detector, watch }) => {
        const all = watch.windows ?? []
        return all
          .filter((w) => w.table === table && w.lengthMs === lengthMs)
          .map((w) => judged(engine.options, detector, w, all.length))
      }),
    }))
}

/** Every calibrated channel of an engine. */
export function channelsOf(engine: Engine): Calibrated[] {
  const windows = [...engine.counted.edge, ...engine.counted.identity].flatMap((counted) => counted.judged)
  return [...engine.edgeWatches, ...windows].map(({ calibrated }) => calibrated)
}

/** Takes the findings that were said since they were last taken. */
export function takeFindings(engine: Engine): readonly Finding[] {
  const { findings } = engine
  engine.findings = []
  return findings
}

/** Takes the facts that other partitions are to be told; until then they are part of the state. */
export function takeFacts(engine: Engine): readonly Fact[] {
  const { facts } = engine
  engine.facts = []
  return facts
}
