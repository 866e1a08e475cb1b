import type { Position } from '../../domain/coordinate.ts'
import type { Fact } from '../../domain/decision.ts'
import { generationNumber } from '../../domain/generation.ts'
import type { Checkpoint } from '../../domain/ports.ts'
import type { BlindRun } from './blindness.ts'
import { readSketch, retune, writeSketch } from './calibration.ts'
import { isEdge } from './edges.ts'
import { channelsOf, type Engine } from './engine.ts'
import type { Waiting } from './frozen.ts'
import { type Interner, loadTexts, takeChangedTexts } from './interner.ts'
import { layoutChange } from './layout-change.ts'
import { addPair, clearPairIndex, type PairIndex } from './pair-index.ts'
import type { Prior } from './priors.ts'
import { endOf, type Steps } from './steps.ts'
import { loadPage, startLoading, type Table, takeDirtyPages } from './table.ts'
import { rebuildWindows } from './windows.ts'

/**
 * A partition's state as pages: runs of rows and runs of texts, and a head with everything small. Only pages that
 * changed since the last checkpoint are taken. What can be found again by looking at the rows (indexes, lists of open
 * windows, roles) is not stored.
 */

const VERSION = 4

interface Head {
  readonly version: number
  /** Partitions of the stream that it was learned from. */
  readonly partitions: number
  readonly tables: Readonly<
    Record<string, { readonly signature: string; readonly rows: number; readonly free: readonly number[] }>
  >
  readonly clock: Engine['clock']
  readonly next: readonly (readonly [source: number, next: { offset: number; index: number; line: number }])[]
  readonly facts: readonly Fact[]
  readonly expected: readonly (readonly [string, number])[]
  readonly frozen: readonly (readonly [identity: number, until: number])[]
  readonly waiting: readonly (readonly [string, readonly Waiting[]])[]
  readonly told: readonly (readonly [number, number])[]
  readonly priors: readonly (readonly [
    number,
    readonly (readonly [string, readonly (readonly [string, Prior])[]])[],
  ])[]
  readonly merged: readonly (readonly [string, readonly (readonly [string, Prior])[]])[]
  readonly sketches: Readonly<
    Record<string, { readonly own: string; readonly told: readonly (readonly [number, string])[] }>
  >
  readonly windows: readonly { readonly open: number; readonly blind: readonly BlindRun[] }[]
  /** Where the partition stands in its log, where there is one. */
  readonly place?: unknown
}

function tablesOf(engine: Engine): Table[] {
  const { identities, edges, foreign, credentials, connections, seasons } = engine.state
  return [identities, edges, foreign, credentials, connections, seasons]
}

function internersOf(engine: Engine): Readonly<Record<string, Interner>> {
  const { identityNames, credentialKeys, texts, sources } = engine.state
  return { identityNames, credentialKeys, texts, sources }
}

function windowsOf(engine: Engine) {
  return [...engine.counted.edge, ...engine.counted.identity].map(({ windows }) => windows)
}

/**
 * What changed since the last checkpoint. It counts as stored from here on: a failed write means starting from the store again.
 * @param place where the partition stands in its log, kept as it is for {@link placeIn}
 */
export function takeCheckpoint(engine: Engine, sequence: number, place?: unknown): Checkpoint {
  return endOf(stepCheckpoint(engine, sequence, place))
}

/** Copied in one step. */
const STEP_BYTES = 4 * 1_048_576
/** Rows of which what they imply is found again in one step. */
const STEP_ROWS = 32_768

/**
 * As {@link takeCheckpoint}. The engine must take nothing in from the first step to the last: its pages are copied one
 * after the other, and have to be of one moment.
 */
export function* stepCheckpoint(engine: Engine, sequence: number, place?: unknown): Steps<Checkpoint> {
  const pages = new Map<string, Uint8Array>()
  let bytes = 0
  for (const [key, page] of changedPages(engine)) {
    pages.set(key, page)
    bytes += page.length
    if (bytes < STEP_BYTES) continue
    yield
    bytes = 0
  }
  return { sequence, head: JSON.stringify({ ...headOf(engine), place }), pages }
}

function* changedPages(engine: Engine): Generator<readonly [key: string, bytes: Uint8Array]> {
  for (const table of tablesOf(engine))
    for (const [page, bytes] of takeDirtyPages(table)) yield [`${table.name}/${page}`, bytes]
  const encoder = new TextEncoder()
  for (const [name, interner] of Object.entries(internersOf(engine)))
    for (const [page, json] of takeChangedTexts(interner)) yield [`${name}/${page}`, encoder.encode(json)]
}

function headOf(engine: Engine): Head {
  return {
    version: VERSION,
    partitions: engine.options.partitions,
    tables: Object.fromEntries(
      tablesOf(engine).map(({ name, signature, rows, free }) => [name, { signature, rows, free }]),
    ),
    clock: engine.clock,
    next: [...engine.next],
    facts: engine.facts,
    expected: [...engine.expected],
    frozen: [...engine.frozen],
    waiting: [...engine.waiting],
    told: [...engine.told],
    priors: [...engine.priors].map(([partition, channels]) => [
      partition,
      [...channels].map(([channel, priors]) => [channel, [...priors]]),
    ]),
    merged: [...engine.merged].map(([channel, priors]) => [channel, [...priors]]),
    sketches: Object.fromEntries(
      channelsOf(engine).map(({ channel, sketch, told }) => [
        channel.name,
        {
          own: writeSketch(sketch),
          told: [...told].map(([partition, part]) => [partition, writeSketch(part)] as const),
        },
      ]),
    ),
    windows: windowsOf(engine).map(({ open, blind }) => ({ open, blind })),
  }
}

/**
 * Puts a stored state into an engine without memory.
 * @throws Error when the state was stored by detectors with other columns, or for a stream of other partitions: it
 *   must be learned again, in an empty data folder
 */
export function restore(engine: Engine, checkpoint: Checkpoint): void {
  endOf(stepRestore(engine, checkpoint))
}

/** As {@link restore}. The engine is of no use before the last step. */
export function* stepRestore(engine: Engine, checkpoint: Checkpoint): Steps<void> {
  const head = JSON.parse(checkpoint.head) as Head
  const tables = new Map(tablesOf(engine).map((table) => [table.name, table]))
  refuseOtherLayout(head, tables)
  for (const [name, table] of tables) {
    startLoading(table, head.tables[name].rows)
    table.free.push(...head.tables[name].free)
  }
  refuseOtherPartitions(head, engine.options.partitions)
  const interners = internersOf(engine)
  const decoder = new TextDecoder()
  let loaded = 0
  for (const [key, bytes] of checkpoint.pages) {
    const [name, page] = key.split('/')
    const table = tables.get(name)
    if (table !== undefined) loadPage(table, Number(page), bytes)
    else loadTexts(interners[name], Number(page), decoder.decode(bytes))
    loaded += bytes.length
    if (loaded < STEP_BYTES) continue
    yield
    loaded = 0
  }
  restoreHead(engine, head)
  yield* rebuild(engine)
}

/** Where the partition stood in its log when the checkpoint was taken. */
export function placeIn({ head }: Checkpoint): unknown {
  return (JSON.parse(head) as Head).place
}

function refuseOtherLayout(head: Head, tables: ReadonlyMap<string, Table>): void {
  const signatures = (all: Iterable<readonly [string, { readonly signature: string }]>) =>
    Object.fromEntries([...all].map(([name, { signature }]) => [name, signature]))
  const why =
    head.version === VERSION
      ? layoutChange(signatures(Object.entries(head.tables)), signatures(tables))
      : 'another release wrote it'
  if (why === undefined) return
  throw new Error(
    `the stored state has another layout: ${why}; go back to the release and the "analyzer.detectors" that it was stored with, or let it learn anew: docs/operations.md#upgrade`,
  )
}

/** A caller's rows would be looked for in another partition than the one that learned them. */
function refuseOtherPartitions({ partitions }: Head, configured: number): void {
  if (partitions === configured) return
  throw new Error(
    `the stored state is of ${partitions} stream partitions, not ${configured}: keep "stream.partitions: ${partitions}" or start with an empty data folder`,
  )
}

function restoreHead(engine: Engine, head: Head): void {
  Object.assign(engine.clock, head.clock)
  engine.facts.push(...head.facts)
  for (const [source, next] of head.next) engine.next.set(source, next)
  for (const [key, until] of head.expected) engine.expected.set(key, until)
  for (const [caller, until] of head.frozen) engine.frozen.set(caller, until)
  for (const [caller, findings] of head.waiting) engine.waiting.set(caller, findings)
  for (const [partition, sources] of head.told) engine.told.set(partition, sources)
  for (const [partition, channels] of head.priors)
    engine.priors.set(partition, new Map(channels.map(([channel, priors]) => [channel, new Map(priors)])))
  engine.merged = new Map(head.merged.map(([channel, priors]) => [channel, new Map(priors)]))
  for (const calibrated of channelsOf(engine)) {
    const stored = head.sketches[calibrated.channel.name]
    if (stored === undefined) continue
    Object.assign(calibrated.sketch, readSketch(stored.own))
    for (const [partition, text] of stored.told) calibrated.told.set(partition, readSketch(text))
    retune(calibrated)
  }
  windowsOf(engine).forEach((windows, i) => {
    const stored = head.windows[i]
    if (stored === undefined) return
    windows.open = stored.open
    windows.blind.push(...stored.blind)
  })
}

/** Finds again what the rows imply. */
function* rebuild(engine: Engine): Steps<void> {
  const { connections, edgeIndex, foreignIndex, connectionIndex, identityNames, roles } = engine.state
  yield* refill(edgeIndex, (row) => isEdge(engine, row))
  yield* refill(foreignIndex, () => true)
  yield* refill(connectionIndex, (row) => connections.u32[row * connections.words + connections.at.uses] > 0)
  identityNames.texts.forEach((name, row) => {
    if (name === undefined) return
    const role = engine.world.roleOf(name)
    const members = roles.get(role)
    if (members === undefined) roles.set(role, [row])
    else members.push(row)
  })
  for (const windows of windowsOf(engine)) {
    const { rows } = windows.table
    for (let from = 0; from < rows; from += STEP_ROWS) {
      rebuildWindows(windows, from, Math.min(rows, from + STEP_ROWS))
      yield
    }
  }
  for (const watch of engine.credentialWatches) watch.restored()
}

/** Fills an index with the rows of its table that are in use. */
function* refill(index: PairIndex, isUsed: (row: number) => boolean): Steps<void> {
  const { table } = index
  clearPairIndex(index, table.rows - table.free.length)
  for (let row = 0; row < table.rows; row++) {
    if (isUsed(row)) addPair(index, row)
    if (row % STEP_ROWS === STEP_ROWS - 1) yield
  }
}

/** How far each source has been taken in: of its newest generation. */
export function positionsOf(engine: Engine): Position[] {
  const newest = new Map<string, Position>()
  for (const [id, { offset, line }] of engine.next) {
    const [source = '', generation = ''] = (engine.state.sources.texts[id] ?? '').split('\u0000')
    const known = newest.get(source)
    if (known === undefined || generationNumber(generation) > generationNumber(known.generation))
      newest.set(source, { source, generation, offset, line })
  }
  return [...newest.values()]
}
