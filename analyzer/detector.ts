import type { TSchema } from 'typebox'
import type { Coordinate } from '../domain/coordinate.ts'
import type { Severity } from '../domain/finding.ts'
import type { Visibility } from '../domain/visibility.ts'
import type { BlindRun } from './engine/blindness.ts'
import type { Layout } from './engine/table.ts'
import type { World } from './engine/world.ts'
import type { ParametricTail } from './stats/survival.ts'

/**
 * A detector scores with what was known before, then learns. It holds no state outside its columns, and writes no
 * columns but its own. What it declares here becomes its state, its options in the config, and its page in the
 * reference.
 */
export interface Detector {
  /** Kebab-case; the same in the file name, the registry, the fixtures, the config and the docs. */
  readonly name: string
  readonly about: About
  /** Without these in the events it cannot evaluate anything, and says so. */
  readonly needs: readonly Visibility[]
  /** Its own columns in the rows of each table; the engine stores, restores and expires them. */
  readonly columns: {
    readonly identity?: Layout
    readonly edge?: Layout
    readonly credential?: Layout
    readonly connection?: Layout
  }
  /** Window lengths in which its rows are counted, ms. */
  readonly windows?: readonly number[]
  /** Options with defaults and units. */
  readonly options: TSchema
  /** Share of the alert budget; absent for a certain rule, which has none. */
  readonly budgetShare?: number
  /** Binds the detector to a partition's state. */
  open(world: World, options: unknown): Watch
}

/** What a detector finds, how it is evaded, what to do about a finding. Becomes its page in the reference. */
export interface About {
  readonly detects: string
  readonly blindSpots: string
  readonly respond: string
  /** MITRE ATT&CK technique ids. */
  readonly attack: readonly string[]
}

/** What a detector looks at. */
export interface Watch {
  readonly edges?: EdgeWatch
  readonly windows?: readonly WindowWatch[]
  readonly credentials?: CredentialWatch
}

/** Looks at an edge once: when it first appears. */
export interface EdgeWatch {
  readonly channel: Channel
  /** Raw score of an edge that has just been made and of which nothing was learned. */
  score(edge: number, time: number): number
  learn(edge: number, time: number, raw: number): void
  /** Raw score that still holds for a further call on this edge; 0 once the edge is a day old and trusted. */
  standing(edge: number, time: number): number
  describe(edge: number, raw: number): Description
}

/** Looks at the calls of a row in a window: while the window fills, and when it closes. */
export interface WindowWatch {
  readonly channel: Channel
  readonly table: 'edge' | 'identity'
  readonly lengthMs: number
  /** Count from which {@link score} is worth its logarithms; asked once for a row and window. */
  gate(row: number, window: number): number
  /** What is usual of the row in the window: asked for once, then given with every question until the row learns. */
  usual(row: number, window: number): Usual
  /** Raw score of `count` calls against the expectation for the whole window; negative when fewer than expected. */
  score(usual: Usual, count: number): number
  /** The raw score is multiplied by this before it is judged; 0 while the row is learning. */
  confidence(usual: Usual, count: number): number
  /** True when a change of this size is worth a page, however rare. */
  matters(usual: Usual, count: number): boolean
  /** Level of a row per window, for its peers to start from. */
  levelOf(row: number): number
  /** True when so many calls are usual in this window that fewer are news. */
  isSteady(usual: Usual): boolean
  /** Learns the count of a closed window, and the empty ones since the last. */
  learn(usual: Usual, closed: ClosedCount): void
  describe(usual: Usual, count: number): Description
}

/** What a watch expects of one row in one window. Good until the watch is asked for another. */
export interface Usual {
  readonly row: number
  readonly window: number
}

/** Follows each credential's life and use. Certain rules: what they emit needs no calibration. */
export interface CredentialWatch {
  /** One use of `connection` (a row of connections; its times are up to date). */
  use(connection: number, time: number): void
  /** One step in the life of `credential`. */
  step(credential: number, step: LifecycleStep): void
  /** Event time has come to `frontier`: what waited for rows that may still arrive can be said. */
  settle(frontier: number): void
  /** Takes up again what was waiting when the state was stored. */
  restored(): void
}

/** What a window held when it closed, for those who learn. */
export interface ClosedCount {
  readonly count: number
  /** Was inside the alert budget. */
  readonly flagged: boolean
  /** Windows whose emptiness says nothing. */
  readonly blind: readonly BlindRun[]
  /** It was told that the row had fallen silent: the windows without a count are no part of what is usual. */
  readonly wasTold: boolean
}

export interface LifecycleStep {
  readonly action: string
  readonly time: number
  readonly reason?: string
  readonly coordinate: Coordinate
}

/** One statistic whose past scores are counted together. */
export interface Channel {
  /** e.g. `volume/edge/60m`. */
  readonly name: string
  /** log10 of the chance of a raw score, from the shape of the statistic, until enough scores were seen. */
  readonly tail: ParametricTail
  /** Raw score below which nothing is recorded, and below which nothing opens an incident, however rare. */
  readonly recordFrom: number
  readonly openFrom: number
}

/** What a detector says of a score in words and numbers. */
export interface Description {
  readonly observed: number
  readonly expected: number
  readonly samples: number
  readonly severity: Severity
  /** What distinguishes this verdict among those on the same subject: a window number, a connection. */
  readonly window: string
  readonly start: number
  readonly end: number
  readonly text: string
}
