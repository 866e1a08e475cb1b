import type { Decision, Fact } from '../../domain/decision.ts'
import type { LifecycleDetail } from '../../domain/told.ts'
import { readSketch, retune } from './calibration.ts'
import { channelsOf, type Engine } from './engine.ts'
import { addForeign, isForeign } from './foreign.ts'
import { freezeUntil } from './frozen.ts'
import { coordinateOf } from './known.ts'
import { findPair } from './pair-index.ts'
import { mergePriors, type Prior } from './priors.ts'
import { canonicalName, identityRow, type View } from './rows.ts'
import { hasRoomFor } from './short-texts.ts'
import { EDGE_FLAG } from './state.ts'
import { endOf, type Steps } from './steps.ts'
import { touch } from './table.ts'
import { credentialAt } from './uses.ts'

/** Takes one step of a credential's life in. */
export function takeLifecycle(engine: Engine, view: View, i: number): void {
  const c = view.batch.columns
  if (c.credentialId[i] === 0) return
  const credential = credentialAt(engine, view, i)
  if (credential < 0) {
    engine.counters.overflow++
    return
  }
  const { credentials } = engine.state
  const { action, reason, notAfter } = JSON.parse(view.batch.strings[c.detail[i]]) as LifecycleDetail
  const lastAt = credential * credentials.doubles + credentials.at.lastAt
  credentials.f64[lastAt] = Math.max(credentials.f64[lastAt], c.time[i])
  if (notAfter !== undefined)
    credentials.f64[credential * credentials.doubles + credentials.at.notAfter] = notAfter
  if (action === 'revoked') credentials.u8[credential * credentials.stride + credentials.at.pinned] = 1
  touch(credentials, credential)
  const isKept = reason !== undefined && hasRoomFor(engine, reason)
  const coordinate = coordinateOf(engine, view.sources[c.source[i]], c.offset[i], c.line[i])
  for (const watch of engine.credentialWatches)
    watch.step(credential, {
      action,
      time: c.time[i],
      ...(isKept ? { reason } : {}),
      coordinate,
    })
}

/** Says a fact to all partitions. This one knows it at once: when it came back would depend on how fast it is told. */
export function announce(engine: Engine, fact: Fact): void {
  takeIn(engine, fact)
  if (fact.fact === 'calibration') recalibrate(engine)
  engine.facts.push(fact)
}

/** Takes in what was told to all, in this order; what this partition said itself it knows already. */
export function hearFacts(engine: Engine, facts: readonly Fact[]): void {
  endOf(stepHearing(engine, facts))
}

/** Facts that are taken in in one step. */
const STEP_FACTS = 4096

/** As {@link hearFacts}. The engine must take nothing else in from the first step to the last. */
export function* stepHearing(engine: Engine, facts: readonly Fact[]): Steps<void> {
  let isCalibrated = true
  for (const [i, fact] of facts.entries()) {
    if (i % STEP_FACTS === STEP_FACTS - 1) yield
    if ('partition' in fact && fact.partition === engine.options.partition) continue
    takeIn(engine, fact)
    if (fact.fact === 'calibration') isCalibrated = false
  }
  if (!isCalibrated) recalibrate(engine)
}

function takeIn(engine: Engine, fact: Fact): void {
  switch (fact.fact) {
    case 'edge-trusted':
      return trustTold(engine, fact)
    case 'incident':
      return freezeUntil(engine, fact.caller, fact)
    case 'calibration':
      return calibrationTold(engine, fact)
    default:
      return fact satisfies never
  }
}

/** An edge counts for its callee everywhere, once however often it is told; those of other partitions are remembered. */
function trustTold(engine: Engine, { caller, callee, time }: Extract<Fact, { fact: 'edge-trusted' }>): void {
  const { identities, edges, edgeIndex } = engine.state
  const from = identityRow(engine, caller, time)
  const to = identityRow(engine, callee, time)
  if (from < 0 || to < 0) return
  const edge = findPair(edgeIndex, from, to)
  if (edge >= 0) {
    const flags = edge * edges.stride + edges.at.flags
    if (edges.u8[flags] & EDGE_FLAG.counted) return
    edges.u8[flags] |= EDGE_FLAG.counted
    touch(edges, edge)
  } else {
    if (isForeign(engine.state, from, to)) return
    addForeign(engine, from, to)
  }
  identities.u32[to * identities.words + identities.at.inDegree]++
  touch(identities, to)
}

function calibrationTold(engine: Engine, fact: Extract<Fact, { fact: 'calibration' }>): void {
  engine.told.set(fact.partition, fact.activeSources)
  for (const calibrated of channelsOf(engine)) {
    const text = fact.sketches[calibrated.channel.name]
    if (text === undefined) continue
    calibrated.told.set(fact.partition, readSketch(text))
  }
  const priors = Object.entries(fact.priors).map(
    ([channel, groups]) =>
      [
        channel,
        new Map<string, Prior>(groups.map(([group, level, p99, rows]) => [group, { level, p99, rows }])),
      ] as const,
  )
  engine.priors.set(fact.partition, new Map(priors))
}

/** Judges by the newest that each partition told. Work for all partitions at once, so it is done once for many facts. */
function recalibrate(engine: Engine): void {
  for (const calibrated of channelsOf(engine)) retune(calibrated)
  const parts = [...engine.priors.values()]
  const channels = new Set(parts.flatMap((part) => [...part.keys()]))
  engine.merged = new Map(
    [...channels].map((channel) => [channel, mergePriors(parts.flatMap((part) => part.get(channel) ?? []))]),
  )
}

/** Takes in what a person decided. */
export function takeDecision(engine: Engine, decision: Decision): void {
  const caller = canonicalName(decision.caller)
  const key = decision.callee === undefined ? caller : `${caller}\u0000${canonicalName(decision.callee)}`
  engine.expected.set(key, decision.expiresAt)
}
