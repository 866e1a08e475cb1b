import type { CredentialKind, CredentialRef } from '../../domain/credential.ts'
import type { Evidence } from '../../domain/finding.ts'
import { roleOf } from '../../domain/identity.ts'
import type { Engine } from './engine.ts'
import { bind, idOf } from './interner.ts'
import { priorOf } from './priors.ts'
import { factorAt } from './seasons.ts'
import { speakCertain } from './speak.ts'
import { EVIDENCE_PER_CONNECTION, EVIDENCE_PER_EDGE } from './state.ts'
import type { KnownConnection, World } from './world.ts'

/** Hex digits of a serial number from which it is unique without its issuer: 64 bits of chance. */
const UNIQUE_SERIAL_DIGITS = 16

/** What detectors may read of an engine. */
export function createWorld(engine: Engine): World {
  const { state, clock } = engine
  return {
    state,
    bornAt: () => clock.bornAt,
    frontier: () => clock.frontier,
    activeSources: () => activeSources(engine),
    season: (row, time) => factorAt(state.seasons, row, time),
    priors: (channel) => priorsOf(engine, channel),
    p99: (channel) => () => engine.merged.get(channel)?.get('')?.p99 ?? 0,
    isExpected: (caller, callee, time) =>
      isExpected(engine, caller, time) ||
      (callee !== undefined && isExpected(engine, `${caller}\u0000${callee}`, time)),
    evidenceOf: (edge) => edgeEvidence(engine, edge),
    connection: (row) => knownConnection(engine, row),
    sameSerial: (credential) => serialMates(engine, credential),
    reportsOn: (credential) => reportsOn(engine, credential),
    textId: (text) => textId(engine, text),
    textOf: (id) => state.texts.texts[id] ?? '',
    roleOf,
    emit: (verdict) => speakCertain(engine, verdict),
  }
}

/** Levels of the peers, each looked up once until the next hour's medians come. */
function priorsOf(engine: Engine, channel: string): (identity: number) => number {
  let merged: unknown
  let levels = new Float32Array(0)
  return (identity) => {
    if (merged !== engine.merged || identity >= levels.length) {
      merged = engine.merged
      levels = new Float32Array(engine.state.identities.rows + 1024).fill(-1)
    }
    if (levels[identity] < 0)
      levels[identity] = priorOf(engine.merged.get(channel), engine.state.identityNames.texts[identity] ?? '')
    return levels[identity]
  }
}

/** Number of a short text; 0 is the empty one. */
export function textId(engine: Engine, text: string): number {
  const { texts } = engine.state
  if (texts.texts.length === 0) bind(texts, '', 0)
  const known = idOf(texts, text)
  if (known >= 0) return known
  const id = texts.texts.length
  bind(texts, text, id)
  return id
}

function isExpected(engine: Engine, key: string, time: number): boolean {
  return (engine.expected.get(key) ?? 0) > time
}

/** As told by the partitions; until one has, the callers known here. */
function activeSources(engine: Engine): number {
  let sum = 0
  for (const sources of engine.told.values()) sum += sources
  return Math.max(sum, engine.told.size === 0 ? engine.state.identities.rows / 2 : 1)
}

/** A coordinate of a source by its number. */
export function coordinateOf(engine: Engine, source: number, offset: number, line: number) {
  const [name = '', generation = ''] = (engine.state.sources.texts[source] ?? '').split('\u0000')
  return { source: name, generation, offset, line, index: 0 }
}

function edgeEvidence(engine: Engine, edge: number): Evidence[] {
  const { edges } = engine.state
  const time = edges.u32[edge * edges.words + edges.at.lastS] * 1000
  const seen = Math.min(EVIDENCE_PER_EDGE, edges.u32[edge * edges.words + edges.at.calls])
  const evidence = Array.from({ length: seen }, (_, i) => ({
    ...coordinateOf(
      engine,
      edges.u16[edge * edges.halves + edges.at.evidenceSource + i],
      edges.f64[edge * edges.doubles + edges.at.evidenceOffset + i],
      edges.u32[edge * edges.words + edges.at.evidenceLine + i],
    ),
    time,
  }))
  return evidence.sort((a, b) => a.offset - b.offset)
}

/** Reference of a credential row. */
export function credentialOf(engine: Engine, row: number): CredentialRef {
  const { credentials, credentialKeys } = engine.state
  const head = headOf(engine, row)
  const key = credentialKeys.texts[head] ?? ':'
  const issuer = engine.world.textOf(credentials.u32[row * credentials.words + credentials.at.issuer])
  const colon = key.indexOf(':')
  return {
    kind: key.slice(0, colon) as CredentialKind,
    ...(issuer === '' ? {} : { issuer }),
    id: key.slice(colon + 1),
  }
}

function headOf(engine: Engine, row: number): number {
  const { credentials } = engine.state
  return credentials.u32[row * credentials.words + credentials.at.head] - 1
}

function serialMates(engine: Engine, credential: number): number[] {
  const { credentials } = engine.state
  const rows: number[] = []
  for (
    let next = headOf(engine, credential) + 1;
    next !== 0;
    next = credentials.u32[(next - 1) * credentials.words + credentials.at.nextIssuer]
  )
    rows.push(next - 1)
  return rows
}

/** A report without issuer speaks of every certificate with that serial number, if the number is long enough to be unique. */
function reportsOn(engine: Engine, credential: number): number[] {
  const { credentials } = engine.state
  const unnamed = engine.world.textId('')
  const issuer = (row: number) => credentials.u32[row * credentials.words + credentials.at.issuer]
  const unique = credentialOf(engine, credential).id.length >= UNIQUE_SERIAL_DIGITS
  return serialMates(engine, credential).filter(
    (row) => row === credential || (unique && (issuer(row) === unnamed || issuer(credential) === unnamed)),
  )
}

function knownConnection(engine: Engine, row: number): KnownConnection {
  const { connections, identityNames } = engine.state
  const words = row * connections.words
  const doubles = row * connections.doubles
  const kept = Math.min(
    EVIDENCE_PER_CONNECTION,
    connections.u8[row * connections.stride + connections.at.evidenceCount],
  )
  const evidence = Array.from({ length: kept }, (_, i) => ({
    ...coordinateOf(
      engine,
      connections.u16[row * connections.halves + connections.at.evidenceSource + i],
      connections.f64[doubles + connections.at.evidenceOffset + i],
      connections.u32[words + connections.at.evidenceLine + i],
    ),
    time: connections.f64[doubles + connections.at.evidenceAt + i],
  }))
  return {
    credential: credentialOf(engine, connections.u32[words + connections.at.credential]),
    caller: identityNames.texts[connections.u32[words + connections.at.caller]] ?? '',
    callee: identityNames.texts[connections.u32[words + connections.at.callee]] ?? '',
    reporter: engine.world.textOf(connections.u32[words + connections.at.reporter]),
    key: connections.u32[words + connections.at.key],
    address: engine.world.textOf(connections.u32[words + connections.at.address]),
    startAt: connections.f64[doubles + connections.at.startAt],
    lastUseAt: connections.f64[doubles + connections.at.lastUseAt],
    evidence: evidence.sort(
      (a, b) => a.time - b.time || a.offset - b.offset || (a.source < b.source ? -1 : 1),
    ),
  }
}
