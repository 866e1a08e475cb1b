import { Type } from 'typebox'
import { shortIdentity } from '../../domain/identity.ts'
import type { Detector, Usual, WindowWatch } from '../detector.ts'
import { type BlindRun, blindBetween } from '../engine/blindness.ts'
import { copySeason, learnSeason, takeSeason } from '../engine/seasons.ts'
import { ownColumns, type State } from '../engine/state.ts'
import { type Table, touch } from '../engine/table.ts'
import type { World } from '../engine/world.ts'
import { addSample, addZeros, type Moments } from '../stats/moments.ts'
import { countBelow, signedDeviance, sizeOf } from '../stats/negative-binomial.ts'
import { log10UpperTail } from '../stats/normal.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Spread that is assumed of a row with few windows: variance mu + mu², for as many windows as this. */
const SPREAD_WINDOWS = 8
/** A level grows by learning at most this much a day. */
const GROWTH_PER_DAY = 1.25
const GATE_Z = 3
/** Calls an hour from which an edge has a season of its own instead of its caller's. */
const OWN_SEASON_CALLS = 50

const options = Type.Object({
  recordZ: Type.Number({
    default: 3.5,
    minimum: 3,
    description: 'signed deviance from which a window is recorded',
  }),
  incidentZ: Type.Number({
    default: 5,
    minimum: 3,
    description: 'signed deviance below which a window never opens an incident',
  }),
  incidentRatio: Type.Number({
    default: 2,
    minimum: 1,
    description: 'a rise opens an incident only from this many times the expected count',
  }),
  incidentCalls: Type.Integer({
    default: 50,
    minimum: 1,
    description: 'a change opens an incident only from this many calls more or fewer than expected',
  }),
  steadyCalls: Type.Number({
    default: 8,
    minimum: 1,
    description: 'expected calls in a window from which fewer calls are news',
  }),
})

interface VolumeOptions {
  readonly recordZ: number
  readonly incidentZ: number
  readonly incidentRatio: number
  readonly incidentCalls: number
  readonly steadyCalls: number
}

const COLUMNS = {
  mean0: 'f32',
  mean1: 'f32',
  variance0: 'f32',
  variance1: 'f32',
  n0: 'u16',
  n1: 'u16',
} as const

/** Windows of one length: how much they shrink to the peers, and how far back they remember. */
const LENGTHS = [
  { lengthMs: MINUTE_MS, label: '1m', shrink: 200, memory: 2880 },
  { lengthMs: HOUR_MS, label: '60m', shrink: 24, memory: 336 },
] as const

/**
 * Calls of an edge, and of a caller in all, in windows of one minute and one hour, against a level with a daily and
 * weekly season, shrunk to the peers while little is known, under a negative binomial. `detection.md` D2.
 */
export const volume: Detector = {
  name: 'volume',
  about: {
    detects:
      'an edge or a caller with far more calls in a minute or an hour than usual for that hour of the week, or far fewer where many are usual',
    blindSpots:
      'slow growth below a quarter a day; the first day of a row; anything inside the usual spread; bytes',
    respond:
      'see which operations make up the difference; compare with releases and batch jobs; if nothing explains it, limit the caller',
    attack: ['T1030', 'T1119', 'T1498', 'T1530'],
  },
  needs: ['caller', 'callee'],
  columns: { edge: COLUMNS, identity: COLUMNS },
  windows: LENGTHS.map((length) => length.lengthMs),
  options,
  budgetShare: 0.3,
  open(world, given) {
    const watch = (table: 'edge' | 'identity') =>
      LENGTHS.map((length) => watchWindows({ world, given: given as VolumeOptions, table, length }))
    return { windows: [...watch('edge'), ...watch('identity')] }
  },
}

interface Scope {
  readonly world: World
  readonly given: VolumeOptions
  readonly table: 'edge' | 'identity'
  readonly length: (typeof LENGTHS)[number]
}

/** One row's expectation for one window. */
interface Expectation extends Usual {
  row: number
  window: number
  mu: number
  size: number
  factor: number
}

function watchWindows(scope: Scope): WindowWatch {
  const { given, length } = scope
  const rows = rowsOf(scope)
  const usual: Expectation = { row: 0, window: 0, mu: 0, size: 1, factor: 1 }
  const expect = (row: number, window: number) => {
    usual.row = row
    usual.window = window
    return expectInto(usual, scope, rows)
  }
  return {
    channel: {
      name: `volume/${scope.table}/${length.label}`,
      tail: log10UpperTail,
      recordFrom: given.recordZ,
      openFrom: given.incidentZ,
    },
    table: scope.table,
    lengthMs: length.lengthMs,
    gate: (row, window) => {
      const learning = learningGate(rows, row, window * length.lengthMs)
      if (learning > 0) return learning
      const { mu, size } = expect(row, window)
      return Math.ceil(countBelow(GATE_Z, mu, size))
    },
    usual: expect,
    score: ({ mu, size }: Expectation, count) => signedDeviance(count, mu, size),
    confidence: ({ row, window }, count) => confidence(scope, rows, { row, window, count }),
    matters: ({ mu }: Expectation, count) =>
      count >= mu
        ? count >= given.incidentRatio * mu && count - mu >= given.incidentCalls
        : mu - count >= 4 * given.incidentCalls,
    levelOf: (row) => rows.table.f32[row * rows.table.words + rows.mean],
    isSteady: ({ mu }: Expectation) => mu >= given.steadyCalls,
    learn: ({ row, window, mu, size, factor }: Expectation, { count, flagged, blind, wasTold }) => {
      const bound = mu + 3 * Math.sqrt(mu + (mu * mu) / size)
      const kept = flagged ? Math.min(count, bound) : count
      if (length.lengthMs === HOUR_MS) learnHour(scope, rows, { row, window, count: kept, blind })
      learnCount(scope, rows, { row, window, y: kept / factor, blind, wasTold })
    },
    describe: (expected: Expectation, count) => describe(scope, rows, { ...expected, count }),
  }
}

/** Where a table keeps what this detector needs of a row. */
interface Rows {
  readonly table: Table
  readonly mean: number
  readonly variance: number
  readonly n: number
  readonly learned: number
  firstAt(row: number): number
  /** When the first row of all was seen. */
  bornAt(): number
  caller(row: number): number
  /** Typical level of the caller's peers. */
  prior(identity: number): number
  /** Level that one row in a hundred exceeds. */
  p99(): number
}

function rowsOf({ world, table, length }: Scope): Rows {
  const prior = world.priors(`volume/${table}/${length.label}`)
  const p99 = world.p99(`volume/${table}/${length.label}`)
  const { identities, edges }: State = world.state
  const own = table === 'edge' ? edges : identities
  const at = ownColumns(own, 'volume', COLUMNS)
  const learned = (own.at as Record<string, number>)[`window${length.lengthMs}_learned`]
  const columns =
    length.lengthMs === MINUTE_MS
      ? { mean: at.mean0, variance: at.variance0, n: at.n0 }
      : { mean: at.mean1, variance: at.variance1, n: at.n1 }
  if (table === 'identity')
    return {
      ...columns,
      learned,
      table: own,
      bornAt: world.bornAt,
      firstAt: (row) => identities.f64[row * identities.doubles + identities.at.firstAt],
      caller: (row) => row,
      prior,
      p99,
    }
  return {
    ...columns,
    learned,
    table: own,
    bornAt: world.bornAt,
    firstAt: (row) => edges.u32[row * edges.words + edges.at.firstS] * 1000,
    caller: (row) => edges.u32[row * edges.words + edges.at.caller],
    prior,
    p99,
  }
}

/** `mu = f (n m + K m0)/(n + K)`, and the size of the negative binomial that goes with it. */
function expectInto(usual: Expectation, scope: Scope, rows: Rows): Expectation {
  const { world, length } = scope
  const { row, window } = usual
  const n = rows.table.u16[row * rows.table.halves + rows.n]
  const level = rows.table.f32[row * rows.table.words + rows.mean]
  const caller = rows.caller(row)
  const { identities, edges } = world.state
  const ownSeason = scope.table === 'edge' ? edges.u32[row * edges.words + edges.at.season] : 0
  const factor = world.season(
    ownSeason || identities.u32[caller * identities.words + identities.at.season],
    window * length.lengthMs,
  )
  const prior = n >= 5 * length.shrink ? level : rows.prior(caller)
  const mu = Math.max(1e-3, (factor * (n * level + length.shrink * prior)) / (n + length.shrink))
  const variance = factor * factor * rows.table.f32[row * rows.table.words + rows.variance]
  usual.mu = mu
  usual.size = sizeOf(
    mu,
    (n * Math.max(variance, mu) + SPREAD_WINDOWS * (mu + mu * mu)) / (n + SPREAD_WINDOWS),
  )
  usual.factor = factor
  return usual
}

/**
 * Count from which a row is judged although it is learning: twenty times what its peers reach in a whole day. 0 once it
 * is a day old itself.
 */
function learningGate(rows: Rows, row: number, time: number): number {
  if (time - rows.firstAt(row) >= DAY_MS) return 0
  if (time - rows.bornAt() < DAY_MS) return Number.MAX_SAFE_INTEGER
  const usual = rows.p99()
  return usual > 0 ? Math.ceil(20 * usual) : Number.MAX_SAFE_INTEGER
}

/** 0 in the first day unless far above the peers, 2/3 in the first week, then 1. */
function confidence(scope: Scope, rows: Rows, at: { row: number; window: number; count: number }): number {
  const time = at.window * scope.length.lengthMs
  if (time - rows.firstAt(at.row) >= 7 * DAY_MS) return 1
  return at.count >= learningGate(rows, at.row, time) ? 1 / 1.5 : 0
}

/** A closed window of a row. */
interface Learned {
  readonly row: number
  readonly window: number
  readonly blind: readonly BlindRun[]
}

/** An edge starts from its caller's season, at its own level. */
function newSeason(scope: Scope, rows: Rows, row: number): number {
  const { seasons, identities } = scope.world.state
  const shared = identities.u32[rows.caller(row) * identities.words + identities.at.season]
  if (scope.table === 'identity' || shared === 0) return takeSeason(seasons)
  const level = seasons.f32[shared * seasons.words + seasons.at.level]
  return copySeason(
    seasons,
    shared,
    level > 0 ? rows.table.f32[row * rows.table.words + rows.mean] / level : 1,
  )
}

/** Callers have a season of their own; an edge only when it is busy and old enough to fill one. */
function learnHour(scope: Scope, rows: Rows, at: Learned & { readonly count: number }): void {
  const { state } = scope.world
  const { table } = rows
  const season = (table.at as Record<string, number>)['season']
  const place = at.row * table.words + season
  if (table.u32[place] === 0) {
    const busy = table.f32[at.row * table.words + rows.mean] > OWN_SEASON_CALLS
    const old = at.window * HOUR_MS - rows.firstAt(at.row) > 7 * DAY_MS
    if (scope.table === 'edge' && !(busy && old)) return
    table.u32[place] = newSeason(scope, rows, at.row)
  }
  const learned = table.u32[at.row * table.words + rows.learned]
  learnSeason(state.seasons, table.u32[place], {
    hour: at.window,
    since: learned || at.window - 1,
    count: at.count,
    blind: at.blind,
  })
}

const scratch: Moments = { mean: 0, variance: 0, n: 0 }

interface LearnedCount extends Learned {
  readonly y: number
  readonly wasTold: boolean
}

/** Adds the windows since the last one that were seen empty, then `y`, the count without its season. */
function learnCount(scope: Scope, rows: Rows, at: LearnedCount): void {
  const { table } = rows
  const words = at.row * table.words
  const learned = table.u32[words + rows.learned]
  const gap = learned === 0 || at.wasTold ? 0 : Math.max(0, at.window - learned - 1)
  const skipped = gap === 0 ? 0 : gap - blindBetween(at.blind, learned, at.window)
  const before = table.f32[words + rows.mean]
  scratch.mean = before
  scratch.variance = table.f32[words + rows.variance]
  scratch.n = table.u16[at.row * table.halves + rows.n]
  addZeros(scratch, skipped, scope.length.memory)
  addSample(scratch, at.y, scope.length.memory)
  const days = ((skipped + 1) * scope.length.lengthMs) / DAY_MS
  const grown = at.window * scope.length.lengthMs - rows.firstAt(at.row) > DAY_MS
  table.f32[words + rows.mean] = grown
    ? Math.min(scratch.mean, (before + 0.1) * GROWTH_PER_DAY ** days)
    : scratch.mean
  table.f32[words + rows.variance] = scratch.variance
  table.u16[at.row * table.halves + rows.n] = scratch.n
  touch(table, at.row)
}

interface Told extends Expectation {
  readonly count: number
}

function describe(scope: Scope, rows: Rows, told: Told): ReturnType<WindowWatch['describe']> {
  const { world, table, length } = scope
  const { state } = world
  const start = told.window * length.lengthMs
  const name = (identity: number) => shortIdentity(state.identityNames.texts[identity] ?? '')
  const callee =
    table === 'edge' ? state.edges.u32[told.row * state.edges.words + state.edges.at.callee] : undefined
  const who = `${name(rows.caller(told.row))} ${callee === undefined ? 'made' : `called ${name(callee)}`}`
  const spread = Math.sqrt(told.mu + (told.mu * told.mu) / told.size)
  const when = new Date(start).toISOString().slice(0, 16).replace('T', ' ')
  const windows = rows.table.u16[told.row * rows.table.halves + rows.n]
  return {
    observed: told.count,
    expected: told.mu,
    samples: windows,
    severity: told.count > 10 * told.mu ? 'high' : 'medium',
    window: `${length.label}:${told.window}`,
    start,
    end: start + length.lengthMs,
    text:
      `${who} ${told.count} ${callee === undefined ? 'calls ' : 'times '}in the ${length.lengthMs === MINUTE_MS ? 'minute' : 'hour'} from ${when} UTC; ` +
      `${told.mu.toFixed(1)} is usual for that hour of the week, give or take ${spread.toFixed(1)} (${windows} windows seen).`,
  }
}
