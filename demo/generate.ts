import { type Act, actsOf, WITHDRAWN_AFTER_MS, withAttackEdges } from './attack.ts'
import { connectionPool } from './connections.ts'
import { MINUTE_MS } from './curve.ts'
import { diceFor } from './dice.ts'
import { type Change, changesBefore, fleetOf } from './fleet.ts'
import { newProductAt } from './novelty.ts'
import { type Attack, attackOf } from './plan.ts'
import { CA_SOURCE, callOver, changeShop, MESH_SOURCE, type Shop } from './shop.ts'
import { type Topology, topologyOf } from './topology.ts'
import { callsOf, EDGE_ROOM, type Traffic, trafficOf } from './traffic.ts'
import { writerOf } from './writer.ts'

export interface GenerateOptions {
  /** Another shop, other traffic and another attack for each; the same seed gives the same bytes. */
  readonly seed: number
  /** Epoch ms; `end` is not included and may be Infinity. */
  readonly start: number
  readonly end: number
  /** When the attack of {@link plan} begins, epoch ms; absent: none. */
  readonly attackStart?: number
  /** Factor on the rate of people's requests; 1 (the default) gives about 1.25 million lines in two weeks. */
  readonly rate?: number
}

/** One raw row of one of the shop's logs. */
export interface ShopLine {
  /** `mesh/inbound.jsonl` or `ca/step-ca.jsonl`. */
  readonly source: string
  /** End of the event, epoch ms. */
  readonly time: number
  /** Without a newline. */
  readonly line: string
}

/**
 * Plays a shop of about 40 services and yields what its sidecars and its CA log, in order of time. Lazy, and
 * minute by minute, so memory stays flat however long it plays.
 */
export function* generate(options: GenerateOptions): Generator<ShopLine, void, undefined> {
  const { start, end } = options
  const stage = stageOf(options)
  for (let minute = Math.floor(start / MINUTE_MS) * MINUTE_MS; minute < end; minute += MINUTE_MS)
    for (const line of playMinute(stage, minute)) {
      if (line.time >= end) return
      if (line.time >= start) yield line
    }
}

/** The shop, what happens in it, and what is still to come of the attack. */
interface Stage {
  readonly shop: Shop
  readonly topology: Topology
  readonly traffic: Traffic
  readonly acts: readonly Act[]
  nextAct: number
}

function stageOf({ seed, start, attackStart, rate = 1 }: GenerateOptions): Stage {
  if (attackStart !== undefined && attackStart < start)
    throw new Error(`attackStart ${attackStart} is before start ${start}: let the attack begin later`)
  const usual = topologyOf(seed)
  const attack = attackStart === undefined ? undefined : attackOf(usual, attackStart)
  const topology = attack === undefined ? usual : withAttackEdges(usual, attack)
  const pool = connectionPool(topology, diceFor(seed, 'connections'), attack && withdrawnBy(attack))
  return {
    shop: {
      fleet: fleetOf(topology, start, newProductAt(topology, start)),
      pool,
      writer: writerOf(topology, start),
    },
    topology,
    traffic: trafficOf({ topology, start, rate }),
    acts: attack === undefined ? [] : actsOf(topology, attack),
    nextAct: 0,
  }
}

function withdrawnBy({ victim, times }: Attack): { serialHex: string; closesAt: number } {
  return { serialHex: victim.certificate.serialHex, closesAt: times.revokedAt + WITHDRAWN_AFTER_MS }
}

/** The rows of one minute: changes of the fleet, acts of the attack and calls, merged by time. */
function playMinute(stage: Stage, minute: number): ShopLine[] {
  const { shop, topology } = stage
  const lines: ShopLine[] = []
  const turns = turnsOf(stage, minute + MINUTE_MS)
  let nextTurn = 0
  const playTurnsTo = (time: number) => {
    for (; nextTurn < turns.length && turns[nextTurn].time <= time; nextTurn++)
      playTurn(shop, turns[nextTurn], lines)
  }
  for (const call of callsOf(stage.traffic, minute)) {
    const time = minute + Math.floor(call / EDGE_ROOM)
    playTurnsTo(time)
    const line = callOver(shop, topology.edges[call % EDGE_ROOM], time)
    if (line !== undefined) lines.push({ source: MESH_SOURCE, time, line })
  }
  playTurnsTo(Number.POSITIVE_INFINITY)
  return lines
}

type Turn = Act | { readonly time: number; readonly change: Change }

function turnsOf(stage: Stage, until: number): Turn[] {
  const { acts } = stage
  const turns: Turn[] = changesBefore(stage.shop.fleet, until).map((change) => ({
    time: change.time,
    change,
  }))
  const first = stage.nextAct
  while (stage.nextAct < acts.length && acts[stage.nextAct].time < until) stage.nextAct++
  return [...turns, ...acts.slice(first, stage.nextAct)].sort((a, b) => a.time - b.time)
}

function playTurn(shop: Shop, turn: Turn, lines: ShopLine[]): void {
  const line = 'change' in turn ? changeShop(shop, turn.change) : turn.play(shop)
  const source = 'change' in turn ? CA_SOURCE : turn.source
  if (line !== undefined) lines.push({ source, time: turn.time, line })
}
