import { FLAG } from '../../domain/batch.ts'
import { fnv1a } from '../../domain/hash.ts'
import { isDormant, noteOpening } from './credential-use.ts'
import type { Engine } from './engine.ts'
import { bind, idOf, unbind } from './interner.ts'
import { textId } from './known.ts'
import { addPair, findPair, mixPair, removePair } from './pair-index.ts'
import { identityAt, type View } from './rows.ts'
import { distinctTextAt, shortTextAt } from './short-texts.ts'
import { CONNECTION_FLAG, EVIDENCE_PER_CONNECTION } from './state.ts'
import { freeRow, takeRow, touch } from './table.ts'

/** Rows looked at for a victim when the connections are full. */
const CLOCK_STEPS = 64

/** Takes the credential use of a call row in: the connection it came on, and who watches credentials. */
export function takeUse(engine: Engine, view: View, i: number): void {
  const c = view.batch.columns
  if ((c.flags[i] & FLAG.verified) === 0) return
  const caller = identityAt(engine, view, c.caller[i], c.time[i])
  const callee = identityAt(engine, view, c.callee[i], c.time[i])
  const credential = credentialAt(engine, view, i)
  if (caller < 0 || callee < 0 || credential < 0) {
    engine.counters.overflow++
    return
  }
  engine.counters.uses++
  const connection = connectionAt(engine, view, i, { credential, caller, callee })
  const useAt = noteUse(engine, view, i, connection)
  const { credentials, connections } = engine.state
  if (connections.u32[connection * connections.words + connections.at.uses] === 1)
    noteOpening(engine, connection)
  const lastAt = credential * credentials.doubles + credentials.at.lastAt
  if (useAt > credentials.f64[lastAt]) {
    if (isDormant(credentials.f64[lastAt], useAt)) engine.counters.dormant++
    credentials.f64[lastAt] = useAt
    touch(credentials, credential)
  }
  for (const watch of engine.credentialWatches) watch.use(connection, useAt)
}

/** Row of the credential that a row names; -1 when the table is full. */
export function credentialAt(engine: Engine, view: View, i: number): number {
  const c = view.batch.columns
  const id = c.credentialId[i]
  const known = view.credentials[id]
  if (
    known > 0 &&
    view.credentialKinds[id] === c.credentialKind[i] &&
    view.credentialIssuers[id] === c.credentialIssuer[i]
  )
    return known - 1
  const { strings } = view.batch
  const row = credentialRow(
    engine,
    `${strings[c.credentialKind[i]]}:${strings[id]}`,
    distinctTextAt(engine, view, c.credentialIssuer[i]),
  )
  view.credentials[id] = row + 1
  view.credentialKinds[id] = c.credentialKind[i]
  view.credentialIssuers[id] = c.credentialIssuer[i]
  return row
}

/** Row of a credential by key and issuer (0: not known), made when it is new; -1 when the table is full. */
export function credentialRow(engine: Engine, key: string, issuer: number): number {
  const { credentials, credentialKeys } = engine.state
  const head = idOf(credentialKeys, key)
  let last = -1
  for (
    let row = head;
    row >= 0;
    row = credentials.u32[row * credentials.words + credentials.at.nextIssuer] - 1
  ) {
    if (credentials.u32[row * credentials.words + credentials.at.issuer] === issuer) return row
    last = row
  }
  if (credentials.rows - credentials.free.length >= engine.options.maxCredentials && !evictCredential(engine))
    return -1
  const row = takeRow(credentials)
  credentials.u32[row * credentials.words + credentials.at.issuer] = issuer
  credentials.u32[row * credentials.words + credentials.at.head] = (head < 0 ? row : head) + 1
  if (last >= 0) {
    credentials.u32[last * credentials.words + credentials.at.nextIssuer] = row + 1
    touch(credentials, last)
  } else bind(credentialKeys, key, row)
  return row
}

/** Makes room: a twentieth of the credentials, those silent for longest, but none that was reported revoked. */
function evictCredential(engine: Engine): boolean {
  const { credentials, credentialKeys } = engine.state
  const heads = [...credentialKeys.ids.values()].filter(
    (row) => credentials.u8[row * credentials.stride + credentials.at.pinned] === 0,
  )
  heads.sort(
    (a, b) =>
      credentials.f64[a * credentials.doubles + credentials.at.lastAt] -
      credentials.f64[b * credentials.doubles + credentials.at.lastAt],
  )
  for (const head of heads.slice(0, Math.ceil(heads.length / 20))) forgetCredential(engine, head)
  engine.counters.overflow++
  engine.clock.frees++
  return heads.length > 0
}

/** Takes a credential out of the state, with its namesakes of other issuers and their connections. */
export function forgetCredential(engine: Engine, head: number): void {
  const { credentials, connections, credentialKeys } = engine.state
  for (let row = head; row >= 0; ) {
    const next = credentials.u32[row * credentials.words + credentials.at.nextIssuer] - 1
    for (let c = credentials.u32[row * credentials.words + credentials.at.connections] - 1; c >= 0; ) {
      const following = connections.u32[c * connections.words + connections.at.next] - 1
      forgetConnection(engine, c)
      c = following
    }
    freeRow(credentials, row)
    row = next
  }
  unbind(credentialKeys, head)
}

interface Parties {
  readonly credential: number
  readonly caller: number
  readonly callee: number
}

/**
 * Row of the connection that a use came on. A source without connection ids has one pseudo connection for each
 * credential and callee (reporter 0).
 */
function connectionAt(engine: Engine, view: View, i: number, parties: Parties): number {
  const c = view.batch.columns
  const { connections, connectionIndex, credentials } = engine.state
  const bound = c.connection[i] !== 0
  const reporter = bound
    ? distinctTextAt(engine, view, c.reporter[i]) || textId(engine, 'unnamed reporter')
    : 0
  const key = bound ? connectionKeyAt(view, c.connection[i]) : mixPair(parties.credential, parties.callee)
  const known = findPair(connectionIndex, reporter, key)
  if (
    known >= 0 &&
    connections.u32[known * connections.words + connections.at.credential] === parties.credential
  )
    return known
  if (known >= 0) forgetConnection(engine, known)
  if (connections.rows - connections.free.length >= engine.options.maxConnections)
    evictConnection(engine, c.time[i])
  const row = takeRow(connections)
  const words = row * connections.words
  connections.u32[words + connections.at.reporter] = reporter
  connections.u32[words + connections.at.key] = key
  connections.u32[words + connections.at.credential] = parties.credential
  connections.u32[words + connections.at.caller] = parties.caller
  connections.u32[words + connections.at.callee] = parties.callee
  connections.u32[words + connections.at.address] = shortTextAt(engine, view, c.address[i])
  const head = parties.credential * credentials.words + credentials.at.connections
  const next = credentials.u32[head]
  connections.u32[words + connections.at.next] = next
  if (next !== 0) {
    connections.u32[(next - 1) * connections.words + connections.at.previous] = row + 1
    touch(connections, next - 1)
  }
  credentials.u32[head] = row + 1
  touch(credentials, parties.credential)
  addPair(connectionIndex, row)
  return row
}

/** Number of the connection id at a dictionary index. */
function connectionKeyAt({ connectionKeys, batch }: View, index: number): number {
  if (connectionKeys[index] === 0) connectionKeys[index] = connectionKey(batch.strings[index]) + 1
  return connectionKeys[index] - 1
}

/** A connection id as a number: itself when it is a small one, else its hash. */
function connectionKey(id: string): number {
  const number = Number(id)
  return Number.isInteger(number) && number >= 0 && number < 2 ** 32 ? number : fnv1a(id)
}

/** Updates the times and sightings of a connection; gives the time of the use. */
function noteUse(engine: Engine, view: View, i: number, row: number): number {
  const c = view.batch.columns
  const { connections } = engine.state
  const words = row * connections.words
  const doubles = row * connections.doubles
  const flagsAt = row * connections.stride + connections.at.flags
  const isReport = (c.flags[i] & FLAG.connectionReport) !== 0
  const stated = c.connectionStart[i]
  const isStated = !Number.isNaN(stated)
  const useAt = isReport && isStated ? stated : c.time[i]
  const start = isStated ? stated : c.start[i]
  const uses = connections.u32[words + connections.at.uses]++
  if (uses === 0 || start < connections.f64[doubles + connections.at.startAt])
    connections.f64[doubles + connections.at.startAt] = start
  if (uses === 0 || c.start[i] < connections.f64[doubles + connections.at.firstUseAt])
    connections.f64[doubles + connections.at.firstUseAt] = c.start[i]
  if (useAt > connections.f64[doubles + connections.at.lastUseAt])
    connections.f64[doubles + connections.at.lastUseAt] = useAt
  if (isStated) connections.u8[flagsAt] |= CONNECTION_FLAG.startKnown
  if (isReport) connections.u8[flagsAt] |= CONNECTION_FLAG.closed
  keepEvidence(engine, view, i, { row, useAt })
  touch(connections, row)
  return useAt
}

/** Keeps the newest sightings by event time, whatever order they come in. */
function keepEvidence(engine: Engine, view: View, i: number, use: { row: number; useAt: number }): void {
  const c = view.batch.columns
  const { connections } = engine.state
  const doubles = use.row * connections.doubles
  const countAt = use.row * connections.stride + connections.at.evidenceCount
  let slot = connections.u8[countAt]
  if (slot < EVIDENCE_PER_CONNECTION) connections.u8[countAt]++
  else {
    slot = 0
    for (let k = 1; k < EVIDENCE_PER_CONNECTION; k++)
      if (
        connections.f64[doubles + connections.at.evidenceAt + k] <
        connections.f64[doubles + connections.at.evidenceAt + slot]
      )
        slot = k
    if (connections.f64[doubles + connections.at.evidenceAt + slot] >= use.useAt) return
  }
  connections.f64[doubles + connections.at.evidenceAt + slot] = use.useAt
  connections.f64[doubles + connections.at.evidenceOffset + slot] = c.offset[i]
  connections.u32[use.row * connections.words + connections.at.evidenceLine + slot] = c.line[i]
  connections.u16[use.row * connections.halves + connections.at.evidenceSource + slot] =
    view.sources[c.source[i]]
}

/** Makes room: of the next few rows in turn, the one not used for longest. */
function evictConnection(engine: Engine, now: number): void {
  const { connections } = engine.state
  let victim = -1
  let oldest = now
  for (let step = 0; step < CLOCK_STEPS; step++) {
    engine.clock.hand = (engine.clock.hand + 1) % connections.rows
    const row = engine.clock.hand
    const lastUse = connections.f64[row * connections.doubles + connections.at.lastUseAt]
    if (lastUse !== 0 && lastUse <= oldest) {
      oldest = lastUse
      victim = row
    }
  }
  forgetConnection(engine, victim < 0 ? engine.clock.hand : victim)
  engine.counters.overflow++
}

/** Takes a connection out of the state. */
function forgetConnection(engine: Engine, row: number): void {
  const { connections, connectionIndex, credentials } = engine.state
  const words = row * connections.words
  if (connections.u32[words + connections.at.uses] === 0) return
  removePair(connectionIndex, row)
  const next = connections.u32[words + connections.at.next]
  const previous = connections.u32[words + connections.at.previous]
  const credential = connections.u32[words + connections.at.credential]
  if (previous !== 0) connections.u32[(previous - 1) * connections.words + connections.at.next] = next
  else credentials.u32[credential * credentials.words + credentials.at.connections] = next
  if (next !== 0) connections.u32[(next - 1) * connections.words + connections.at.previous] = previous
  touch(credentials, credential)
  if (previous !== 0) touch(connections, previous - 1)
  if (next !== 0) touch(connections, next - 1)
  freeRow(connections, row)
}
