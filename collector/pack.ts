import { type BatchColumns, type EventBatch, FLAG, mapColumns, newColumns, ROW } from '../domain/batch.ts'
import type { Position } from '../domain/coordinate.ts'
import { type CredentialRef, credentialKey } from '../domain/credential.ts'
import type { Decision, Fact } from '../domain/decision.ts'
import type { CallEvent, Event, LifecycleEvent } from '../domain/event.ts'
import { fnv1a } from '../domain/hash.ts'
import type { LifecycleDetail } from '../domain/told.ts'

/**
 * Packs events into one batch for each stream partition. Columns are reused: a sealed batch is valid until the next
 * row is added.
 */
export interface Packer {
  readonly lanes: readonly Lane[]
  /** Partition of a routing key; forgotten when it has grown large. */
  readonly partitions: Map<string | CredentialRef, number>
}

/** The batch of one partition in the making. */
interface Lane {
  readonly partition: number
  columns: BatchColumns
  rows: number
  strings: string[]
  /** Length of all texts. */
  characters: number
  readonly index: Map<string, number>
  /** Dictionary entries of credentials seen in this batch: parsers give the same object for the same certificate. */
  readonly credentials: Map<CredentialRef, CredentialEntries>
  /** Dictionary entries of HTTP statuses by their number; 0 when it has none yet. */
  readonly statuses: Uint32Array
  sources: { source: string; generation: string }[]
  /** Entry of the newest generation of each source. */
  sourceIndex: Map<string, number>
}

/** Where an event came from. */
export interface Place {
  readonly source: string
  readonly generation: string
  readonly offset: number
  readonly line: number
  /** Number of the event within its record. */
  readonly index: number
}

interface CredentialEntries {
  readonly kind: number
  readonly issuer: number
  readonly id: number
}

const FIRST_CAPACITY = 1024
const STATUSES = 600
/** A dictionary goes on from batch to batch until it has grown so large: most texts come again. */
const MOST_TEXTS = 65_536
const MOST_CHARACTERS = 4_000_000
const MOST_REMEMBERED_KEYS = 100_000

/** A packer without rows. */
export function createPacker(partitions: number): Packer {
  return {
    partitions: new Map(),
    lanes: Array.from({ length: partitions }, (_, partition) => ({
      partition,
      columns: newColumns(FIRST_CAPACITY),
      rows: 0,
      strings: [''],
      characters: 0,
      index: new Map([['', 0]]),
      credentials: new Map(),
      statuses: new Uint32Array(STATUSES),
      sources: [],
      sourceIndex: new Map(),
    })),
  }
}

/** Stream partition of a key, the same in every process and release: 32-bit FNV-1a modulo the partition count. */
export function partitionOf(key: string, partitions: number): number {
  return partitions === 1 ? 0 : fnv1a(key) % partitions
}

function route(packer: Packer, key: string): number {
  if (packer.lanes.length === 1) return 0
  const known = packer.partitions.get(key)
  if (known !== undefined) return known
  if (packer.partitions.size >= MOST_REMEMBERED_KEYS) packer.partitions.clear()
  const partition = partitionOf(key, packer.lanes.length)
  packer.partitions.set(key, partition)
  return partition
}

/** Parsers give the same object for the same certificate: its key need not be made again. */
function routeUse(packer: Packer, credential: CredentialRef): number {
  if (packer.lanes.length === 1) return 0
  const known = packer.partitions.get(credential)
  if (known !== undefined) return known
  const partition = route(packer, credentialKey(credential))
  if (packer.partitions.size >= MOST_REMEMBERED_KEYS) packer.partitions.clear()
  packer.partitions.set(credential, partition)
  return partition
}

/** Adds an event to the partitions that need it. */
export function addEvent(packer: Packer, event: Event, place: Place): void {
  if (event.kind === 'lifecycle') return addLifecycle(packer, event, place)
  const caller = route(packer, event.caller)
  const use = event.credential === undefined ? -1 : routeUse(packer, event.credential)
  addCall(packer.lanes[caller], event, place, use === caller ? ROW.call | ROW.use : ROW.call)
  if (use !== -1 && use !== caller) addCall(packer.lanes[use], event, place, ROW.use)
}

function addCall(lane: Lane, event: CallEvent, place: Place, kind: number): void {
  const i = addRow(lane, kind, event.time)
  const c = lane.columns
  c.flags[i] = flagsOf(event)
  put(lane, i, place)
  c.caller[i] = text(lane, event.caller)
  c.callee[i] = text(lane, event.callee)
  c.operation[i] = text(lane, event.operation)
  const { credential, origin } = event
  const known = credential === undefined ? NO_CREDENTIAL : credentialEntries(lane, credential)
  c.credentialKind[i] = known.kind
  c.credentialIssuer[i] = known.issuer
  c.credentialId[i] = known.id
  c.address[i] = origin === undefined ? 0 : text(lane, origin.address)
  c.fingerprint[i] = origin === undefined ? 0 : text(lane, origin.fingerprint)
  c.workload[i] = origin === undefined ? 0 : text(lane, origin.workload)
  c.reporter[i] = text(lane, event.reporter)
  c.connection[i] = text(lane, event.connection)
  c.connectionStart[i] = event.connectionStartTime ?? Number.NaN
  c.start[i] = event.startTime ?? event.time
  c.status[i] = statusEntry(lane, event.status)
  c.bytesIn[i] = event.bytesIn ?? 0
  c.bytesOut[i] = event.bytesOut ?? 0
  c.count[i] = event.count
  c.detail[i] = 0
}

const NO_CREDENTIAL: CredentialEntries = { kind: 0, issuer: 0, id: 0 }

function credentialEntries(lane: Lane, credential: CredentialRef): CredentialEntries {
  const known = lane.credentials.get(credential)
  if (known !== undefined) return known
  const entries = {
    kind: text(lane, credential.kind),
    issuer: text(lane, credential.issuer),
    id: text(lane, credential.id),
  }
  lane.credentials.set(credential, entries)
  return entries
}

function statusEntry(lane: Lane, status: number | string | undefined): number {
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 0 || status >= STATUSES)
    return status === undefined ? 0 : text(lane, String(status))
  lane.statuses[status] ||= text(lane, String(status))
  return lane.statuses[status]
}

function flagsOf(event: CallEvent): number {
  let flags = 0
  if (event.callerVerified) flags |= FLAG.verified
  if (event.side === 'client') flags |= FLAG.client
  if (event.denied) flags |= FLAG.denied
  if (event.transport === 'mtls') flags |= FLAG.mtls
  if (event.transport === 'plaintext') flags |= FLAG.plaintext
  if (event.count === 0 && event.operation === undefined && event.connectionStartTime !== undefined)
    flags |= FLAG.connectionReport
  return flags
}

function addLifecycle(packer: Packer, event: LifecycleEvent, place: Place): void {
  const key = event.credential === undefined ? (event.identity ?? '') : credentialKey(event.credential)
  const lane = packer.lanes[route(packer, key)]
  const i = addTold(lane, ROW.lifecycle, event.time, JSON.stringify(detailOf(event)))
  put(lane, i, place)
  lane.columns.caller[i] = text(lane, event.identity)
  if (event.credential === undefined) return
  lane.columns.credentialKind[i] = text(lane, event.credential.kind)
  lane.columns.credentialIssuer[i] = text(lane, event.credential.issuer)
  lane.columns.credentialId[i] = text(lane, event.credential.id)
}

function detailOf(event: LifecycleEvent): LifecycleDetail {
  const { action, reason, address, previous, notBefore, notAfter } = event
  return {
    action,
    ...(reason !== undefined && { reason }),
    ...(address !== undefined && { address }),
    ...(previous !== undefined && { previous: credentialKey(previous) }),
    ...(notBefore !== undefined && { notBefore }),
    ...(notAfter !== undefined && { notAfter }),
  }
}

/** Tells every partition a fact. */
export function addFact(packer: Packer, fact: Fact): void {
  const json = JSON.stringify(fact)
  for (const lane of packer.lanes) addTold(lane, ROW.fact, fact.time, json)
}

/** Tells every partition a decision of a person. */
export function addDecision(packer: Packer, decision: Decision): void {
  const json = JSON.stringify(decision)
  for (const lane of packer.lanes) addTold(lane, ROW.decision, decision.time, json)
}

/** Tells every partition that no event with an earlier time is expected any more. */
export function addWatermark(packer: Packer, time: number): void {
  for (const lane of packer.lanes) addEmpty(lane, ROW.watermark, time)
}

/** A row that has its matter in `detail`. */
function addTold(lane: Lane, kind: number, time: number, json: string): number {
  const i = addEmpty(lane, kind, time)
  lane.columns.detail[i] = text(lane, json)
  return i
}

/** A row of which only the kind and time are given. */
function addEmpty(lane: Lane, kind: number, time: number): number {
  const i = addRow(lane, kind, time)
  for (const column of Object.values(lane.columns) as (Uint8Array | Float64Array)[]) {
    if (column !== lane.columns.kind && column !== lane.columns.time) column[i] = 0
  }
  return i
}

function addRow(lane: Lane, kind: number, time: number): number {
  if (lane.rows === lane.columns.kind.length) grow(lane)
  const i = lane.rows++
  lane.columns.kind[i] = kind
  lane.columns.time[i] = time
  return i
}

function grow(lane: Lane): void {
  const columns = newColumns(lane.columns.kind.length * 2)
  for (const name of Object.keys(columns) as (keyof BatchColumns)[])
    (columns[name] as Uint8Array).set(lane.columns[name] as Uint8Array)
  lane.columns = columns
}

function put(lane: Lane, i: number, place: Place): void {
  const c = lane.columns
  c.source[i] = sourceAt(lane, place)
  c.offset[i] = place.offset
  c.line[i] = place.line
  c.index[i] = place.index
}

function sourceAt(lane: Lane, { source, generation }: Place): number {
  const known = lane.sourceIndex.get(source)
  if (known !== undefined && lane.sources[known].generation === generation) return known
  lane.sourceIndex.set(source, lane.sources.length)
  lane.sources.push({ source, generation })
  return lane.sources.length - 1
}

function text(lane: Lane, value: string | undefined): number {
  if (value === undefined) return 0
  const known = lane.index.get(value)
  if (known !== undefined) return known
  lane.characters += value.length
  const index = lane.strings.length
  lane.strings.push(value)
  lane.index.set(value, index)
  return index
}

/** Rows of the fullest partition. */
export function packedRows(packer: Packer): number {
  return packer.lanes.reduce((most, lane) => Math.max(most, lane.rows), 0)
}

/** The batches that are ready, one for each partition, with the positions that they bring the sources to. */
export function seal(packer: Packer, positions: readonly Position[]): EventBatch[] {
  return packer.lanes.map((lane) => {
    const { rows } = lane
    const columns = mapColumns(lane.columns, (column) => column.subarray(0, rows) as typeof column)
    const batch: EventBatch = {
      version: 1,
      partition: lane.partition,
      rows,
      strings: lane.strings,
      sources: lane.sources,
      columns,
      positions,
    }
    lane.rows = 0
    lane.sources = []
    lane.sourceIndex = new Map()
    if (lane.strings.length > MOST_TEXTS || lane.characters > MOST_CHARACTERS) renewDictionary(lane)
    return batch
  })
}

function renewDictionary(lane: Lane): void {
  lane.characters = 0
  lane.strings = ['']
  lane.index.clear()
  lane.index.set('', 0)
  lane.credentials.clear()
  lane.statuses.fill(0)
}
