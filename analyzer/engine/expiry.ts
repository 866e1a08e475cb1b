import { forgetEdge, isEdge, rebuildActive } from './edges.ts'
import type { Engine } from './engine.ts'
import { unbind } from './interner.ts'
import { freeRow } from './table.ts'

const DAY_MS = 86_400_000

/**
 * Forgets edges that nobody used for `expireIdleDays`, then identities without edges that nobody saw for as long. The
 * ends of other partitions' edges stay: those edges are told once.
 */
export function expire(engine: Engine, now: number): void {
  const before = now - engine.options.expireIdleDays * DAY_MS
  const { edges, foreign, identities, identityNames, seasons } = engine.state
  const referred = new Set<number>()
  for (let row = 0; row < edges.rows; row++) {
    if (!isEdge(engine, row)) continue
    if (edges.u32[row * edges.words + edges.at.lastS] * 1000 < before) forgetEdge(engine, row)
    else {
      referred.add(edges.u32[row * edges.words + edges.at.caller])
      referred.add(edges.u32[row * edges.words + edges.at.callee])
    }
  }
  for (const row of connectionParties(engine)) referred.add(row)
  for (const row of engine.frozen.keys()) referred.add(row)
  for (let row = 0; row < foreign.rows; row++) {
    referred.add(foreign.u32[row * foreign.words + foreign.at.caller])
    referred.add(foreign.u32[row * foreign.words + foreign.at.callee])
  }
  for (let row = 0; row < identities.rows; row++) {
    const lastAt = identities.f64[row * identities.doubles + identities.at.lastAt]
    if (referred.has(row) || identityNames.texts[row] === undefined || lastAt >= before) continue
    forgetRole(engine, row)
    const season = identities.u32[row * identities.words + identities.at.season]
    if (season !== 0) freeRow(seasons, season)
    unbind(identityNames, row)
    freeRow(identities, row)
  }
  rebuildActive(engine)
  engine.clock.frees++
  for (const [key, until] of engine.expected) if (until <= now) engine.expected.delete(key)
}

function* connectionParties(engine: Engine): Generator<number> {
  const { connections } = engine.state
  for (let row = 0; row < connections.rows; row++) {
    yield connections.u32[row * connections.words + connections.at.caller]
    yield connections.u32[row * connections.words + connections.at.callee]
  }
}

function forgetRole(engine: Engine, row: number): void {
  const role = engine.world.roleOf(engine.state.identityNames.texts[row] ?? '')
  const members = engine.state.roles.get(role)?.filter((member) => member !== row) ?? []
  if (members.length === 0) engine.state.roles.delete(role)
  else engine.state.roles.set(role, members)
}
