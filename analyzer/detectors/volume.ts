import type { ClosedCount, Detector, WindowWatch } from '../detector.ts'
import type { World } from '../engine/world.ts'
import { countBelow, signedDeviance } from '../stats/negative-binomial.ts'
import { log10UpperTail } from '../stats/normal.ts'
import { describe } from '../volume/describe.ts'
import { type Expectation, expectInto } from '../volume/expectation.ts'
import { confidence, learningGate } from '../volume/first-days.ts'
import { learnLevel, levelOf } from '../volume/level.ts'
import { VOLUME_OPTIONS, type VolumeOptions } from '../volume/options.ts'
import { learnHour } from '../volume/own-season.ts'
import { COLUMNS, type Kind, LENGTHS, type Scope, scopeOf } from '../volume/scope.ts'

const HOUR_MS = 3_600_000
const GATE_Z = 3

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
  options: VOLUME_OPTIONS,
  budgetShare: 0.3,
  open(world, given) {
    return { windows: [...watchKind(world, 'edge', given), ...watchKind(world, 'identity', given)] }
  },
}

function watchKind(world: World, kind: Kind, given: unknown): WindowWatch[] {
  return LENGTHS.map((length) => watchWindows(scopeOf(world, kind, length), given as VolumeOptions))
}

function watchWindows(scope: Scope, given: VolumeOptions): WindowWatch {
  const { length } = scope
  const usual: Expectation = { row: 0, window: 0, mu: 0, size: 1, factor: 1 }
  const expect = (row: number, window: number) => {
    usual.row = row
    usual.window = window
    return expectInto(usual, scope)
  }
  return {
    channel: {
      name: scope.name,
      tail: log10UpperTail,
      recordFrom: given.recordZ,
      openFrom: given.incidentZ,
    },
    table: scope.kind,
    lengthMs: length.lengthMs,
    gate: (row, window) => {
      const learning = learningGate(scope, row, window * length.lengthMs)
      if (learning > 0) return learning
      const { mu, size } = expect(row, window)
      return Math.ceil(countBelow(GATE_Z, mu, size))
    },
    usual: expect,
    score: ({ mu, size }: Expectation, count) => signedDeviance(count, mu, size),
    confidence: ({ row, window }, count) => confidence(scope, { row, window, count }),
    matters: ({ mu }: Expectation, count) =>
      count >= mu
        ? count >= given.incidentRatio * mu && count - mu >= given.incidentCalls
        : mu - count >= 4 * given.incidentCalls,
    levelOf: (row) => levelOf(scope, row),
    isSteady: ({ mu }: Expectation) => mu >= given.steadyCalls,
    learn: (expected: Expectation, closed) => learn(scope, expected, closed),
    describe: (expected: Expectation, count) => describe(scope, expected, count),
  }
}

/** Learns of a count that was flagged no more than the usual spread: an attacker must not become usual. */
function learn(scope: Scope, expected: Expectation, closed: ClosedCount): void {
  const { row, window, mu, size, factor } = expected
  const { blind, wasTold } = closed
  const bound = mu + 3 * Math.sqrt(mu + (mu * mu) / size)
  const count = closed.flagged ? Math.min(closed.count, bound) : closed.count
  if (scope.length.lengthMs === HOUR_MS) learnHour(scope, { row, window, count, blind })
  learnLevel(scope, { row, window, y: count / factor, blind, wasTold })
}
