import { Type } from 'typebox'
import { shortIdentity } from '../../domain/identity.ts'
import type { Channel, Detector, EdgeWatch } from '../detector.ts'
import { isForeign } from '../engine/foreign.ts'
import { findPair } from '../engine/pair-index.ts'
import { EDGE_FLAG, ownColumns } from '../engine/state.ts'
import { touch } from '../engine/table.ts'
import type { World } from '../engine/world.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const PEERS = 24
const BITS_STEP = 0.25

const options = Type.Object({
  recordBits: Type.Number({
    default: 12,
    minimum: 0,
    maximum: 60,
    description: 'bits of surprise from which a new edge is recorded',
  }),
  incidentBits: Type.Number({
    default: 13,
    minimum: 0,
    maximum: 60,
    description: 'bits of surprise below which a new edge never opens an incident',
  }),
  newEdgesPerHour: Type.Integer({
    default: 200,
    minimum: 1,
    description:
      'new edges of one caller in one hour that are judged one by one; further ones are learned without a verdict',
  }),
})

const EDGE_COLUMNS = { bits: 'u8' } as const
const IDENTITY_COLUMNS = { early: 'u32', late: 'u32', hour: 'u32', inHour: 'u32' } as const

/**
 * Bits of surprise of a caller reaching a callee for the first time: how seldom the caller reaches anybody new, how
 * few call the callee, how long both were silent, less what explains it (peers of the caller that call it too,
 * callers of the same role, a rollout of both). `detection.md` D1.
 */
export const newEdge: Detector = {
  name: 'new-edge',
  about: {
    detects:
      'a verified caller that reaches a callee which it never called before, when that is surprising for both',
    blindSpots:
      'edges that exist already; callers younger than a day; an attacker who first makes the caller look like one that meets new callees all the time',
    respond:
      'check the deploy log of the caller; if no release explains the call, isolate the caller and look at what it called next',
    attack: ['T1021', 'T1046', 'T1550'],
  },
  needs: ['caller', 'callee'],
  columns: { edge: EDGE_COLUMNS, identity: IDENTITY_COLUMNS },
  options,
  budgetShare: 0.3,
  open(world, given) {
    return { edges: watchEdges(world, given as NewEdgeOptions) }
  },
}

interface NewEdgeOptions {
  readonly recordBits: number
  readonly incidentBits: number
  readonly newEdgesPerHour: number
}

function watchEdges(world: World, given: NewEdgeOptions): EdgeWatch {
  const { identities, edges } = world.state
  const own = ownColumns(identities, 'new-edge', IDENTITY_COLUMNS)
  const bitsAt = ownColumns(edges, 'new-edge', EDGE_COLUMNS).bits
  const channel: Channel = {
    name: 'new-edge',
    tail: (bits) => -bits * Math.LOG10E * Math.LN2,
    recordFrom: given.recordBits,
    openFrom: given.incidentBits,
  }
  const ends = (edge: number) => {
    const at = edge * edges.words
    return { caller: edges.u32[at + edges.at.caller], callee: edges.u32[at + edges.at.callee] }
  }
  return {
    channel,
    score: (edge, time) => {
      const { caller, callee } = ends(edge)
      const words = caller * identities.words
      if (
        identities.u32[words + own.hour] === Math.floor(time / HOUR_MS) &&
        identities.u32[words + own.inHour] >= given.newEdgesPerHour
      )
        return 0
      return surprise(world, { caller, callee, time, own })
    },
    learn: (edge, time, raw) => {
      const { caller } = ends(edge)
      const words = caller * identities.words
      const young = time - identities.f64[caller * identities.doubles + identities.at.firstAt] < DAY_MS
      identities.u32[words + (young ? own.early : own.late)]++
      const hour = Math.floor(time / HOUR_MS)
      if (identities.u32[words + own.hour] !== hour) identities.u32[words + own.inHour] = 0
      identities.u32[words + own.hour] = hour
      identities.u32[words + own.inHour]++
      edges.u8[edge * edges.stride + bitsAt] = Math.max(0, Math.min(255, Math.round(raw / BITS_STEP)))
      touch(identities, caller)
      touch(edges, edge)
    },
    standing: (edge, time) => {
      const isTrusted = (edges.u8[edge * edges.stride + edges.at.flags] & EDGE_FLAG.trusted) !== 0
      const ageMs = time - edges.u32[edge * edges.words + edges.at.firstS] * 1000
      return isTrusted && ageMs >= DAY_MS ? 0 : edges.u8[edge * edges.stride + bitsAt] * BITS_STEP
    },
    describe: (edge, raw) => {
      const { caller, callee } = ends(edge)
      const name = (identity: number) => shortIdentity(world.state.identityNames.texts[identity] ?? '')
      const words = edge * edges.words
      const start = edges.u32[words + edges.at.firstS] * 1000
      const novelty = identities.u32[caller * identities.words + own.late]
      // Of an edge only the second is known, of the caller the millisecond.
      const seenMs = Math.max(0, start - identities.f64[caller * identities.doubles + identities.at.firstAt])
      const inDegree = identities.u32[callee * identities.words + identities.at.inDegree]
      return {
        observed: 1,
        expected: 2 ** -raw,
        samples: identities.u32[caller * identities.words + identities.at.activeHours],
        severity: raw >= 18 ? 'high' : 'medium',
        window: 'first',
        start,
        end: edges.u32[words + edges.at.lastS] * 1000,
        text:
          `${name(caller)} called ${name(callee)} for the first time in the ${(seenMs / DAY_MS).toFixed(1)} days that it has been seen. ` +
          `It met ${novelty} other new ${novelty === 1 ? 'callee' : 'callees'} after its first day, and ` +
          `${inDegree === 1 ? '1 known caller uses' : `${inDegree} known callers use`} ${name(callee)}. ` +
          `Surprise: ${raw.toFixed(1)} bits.`,
      }
    },
  }
}

interface Meeting {
  readonly caller: number
  readonly callee: number
  readonly time: number
  readonly own: {
    readonly early: number
    readonly late: number
    readonly hour: number
    readonly inHour: number
  }
}

/**
 * New callees that the caller met before this hour; those of its first day fade by half a day. What it met within the
 * hour is what is being judged: a scan must not make itself look like a habit.
 */
function habitOf(world: World, { caller, time, own }: Meeting): number {
  const { identities } = world.state
  const at = caller * identities.words
  const ageMs = time - identities.f64[caller * identities.doubles + identities.at.firstAt]
  const now =
    identities.u32[at + own.hour] === Math.floor(time / HOUR_MS) ? identities.u32[at + own.inHour] : 0
  const isYoung = ageMs < DAY_MS
  const early = Math.max(0, identities.u32[at + own.early] - (isYoung ? now : 0))
  const late = Math.max(0, identities.u32[at + own.late] - (isYoung ? 0 : now))
  return late + early * 2 ** (-ageMs / DAY_MS)
}

/** The sum of D1; at least 0. */
function surprise(world: World, meeting: Meeting): number {
  const { identities } = world.state
  const { caller, callee, time } = meeting
  const u = caller * identities.words
  const v = callee * identities.words
  const ageDays = (identity: number) =>
    (time - identities.f64[identity * identities.doubles + identities.at.firstAt]) / DAY_MS
  const habit = habitOf(world, meeting)
  const windows = Math.max(
    identities.u32[u + identities.at.edgeHours],
    identities.u32[u + identities.at.activeHours],
  )
  const h = (habit + 0.5) / (windows + 1)
  const q = (identities.u32[v + identities.at.inDegree] + 0.5) / (world.activeSources() + 1)
  const silence = silenceOf(world, caller, time) + silenceOf(world, callee, time)
  let bits = -Math.log2(Math.min(1, h)) - Math.log2(Math.min(1, q)) + 0.5 * silence
  bits -= 1.5 * Math.log2(1 + peersThatCall(world, caller, callee))
  if (roleMatesThatCall(world, caller, callee) >= 3) bits -= 3
  if (ageDays(caller) < 1 && ageDays(callee) < 1) bits -= 4
  return Math.max(0, bits)
}

/** log2(1 + time since the last sign of life in units of the usual gap). */
function silenceOf(world: World, identity: number, time: number): number {
  const { identities } = world.state
  const last = identities.f64[identity * identities.doubles + identities.at.lastAt]
  const gapMs = identities.f32[identity * identities.words + identities.at.gapMs]
  return last === 0 || gapMs === 0 ? 0 : Math.log2(1 + Math.max(0, time - last) / gapMs)
}

function trustedEdge(world: World, caller: number, callee: number): boolean {
  const { edges, edgeIndex } = world.state
  const row = findPair(edgeIndex, caller, callee)
  if (row >= 0) return (edges.u8[row * edges.stride + edges.at.flags] & EDGE_FLAG.trusted) !== 0
  return isForeign(world.state, caller, callee)
}

/** How many of the caller's newest callees call the callee themselves. */
function peersThatCall(world: World, caller: number, callee: number): number {
  const { identities } = world.state
  const at = caller * identities.words
  const count = Math.min(PEERS, identities.u32[at + identities.at.peerCount])
  let calling = 0
  for (let i = 0; i < count; i++) {
    const peer = identities.u32[at + identities.at.peers + i] - 1
    if (peer >= 0 && peer !== callee && trustedEdge(world, peer, callee)) calling++
  }
  return calling
}

/** How many others of the caller's role call the callee; looks at no more than 64 of them, and stops at 3. */
function roleMatesThatCall(world: World, caller: number, callee: number): number {
  const name = world.state.identityNames.texts[caller] ?? ''
  const mates = world.state.roles.get(world.roleOf(name)) ?? []
  let calling = 0
  for (const mate of mates.slice(0, 64)) {
    if (mate !== caller && trustedEdge(world, mate, callee) && ++calling >= 3) break
  }
  return calling
}
