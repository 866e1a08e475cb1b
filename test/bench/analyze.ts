import { createHash } from 'node:crypto'
import { Value } from 'typebox/value'
import { createEngine, type Engine, takeFacts, takeFindings } from '../../analyzer/engine/engine.ts'
import { processBatch } from '../../analyzer/engine/process.ts'
import { tableBytes } from '../../analyzer/engine/table.ts'
import { detectors } from '../../analyzer/registry.ts'
import { addEvent, addWatermark, createPacker, seal } from '../../collector/pack.ts'
import { type EventBatch, mapColumns } from '../../domain/batch.ts'

/** Analyze alone, from packed batches: calls a second and bytes an edge, by number of edges. */

/** The first pass makes the edges and is not counted; of the others the best counts. */
const PASSES = 7
/** The bench gives each edge a connection of its own; more of them than the default bound would only measure evictions. */
const MOST_CONNECTIONS = 500_000
const BATCH_ROWS = 16_384
const CALLEES_PER_CALLER = 60
const START = Date.UTC(2026, 0, 5)

/** A generator of reproducible numbers in [0, 1) (mulberry32). */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function pack(edges: number, calls: number, withCredentials: boolean): EventBatch[] {
  const roll = dice(edges)
  const callers = Math.max(10, Math.round(edges / CALLEES_PER_CALLER))
  const name = (i: number) => `spiffe://mesh.example/ns/team-${i % 97}/sa/service-${i}`
  const names = Array.from({ length: callers + CALLEES_PER_CALLER }, (_, i) => name(i))
  const packer = createPacker(1)
  const batches: EventBatch[] = []
  for (let call = 0; call < calls; call++) {
    const edge = call < edges ? call : Math.floor(roll() * edges)
    const caller = edge % callers
    const callee = (caller + 1 + Math.floor(edge / callers)) % names.length
    const time = START + Math.floor(call / 50)
    addEvent(
      packer,
      {
        kind: 'call',
        time,
        caller: names[caller],
        callee: names[callee],
        callerVerified: true,
        side: 'server',
        denied: false,
        count: 1,
        operation: 'GET /orders/{}',
        status: 200,
        bytesIn: 100,
        bytesOut: 2000,
        reporter: names[callee],
        ...(withCredentials
          ? {
              connection: String(caller),
              credential: {
                kind: 'x509' as const,
                issuer: 'Mesh CA',
                id: (caller + 2 ** 40).toString(16).padStart(32, 'a'),
              },
            }
          : {}),
      },
      { source: 'bench', generation: '1', offset: call * 750, line: call + 1, index: 0 },
    )
    if (call % BATCH_ROWS === BATCH_ROWS - 1 || call === calls - 1) {
      addWatermark(packer, time - 5000)
      for (const batch of seal(packer, []))
        batches.push({
          ...batch,
          columns: mapColumns(batch.columns, (column) => column.slice() as typeof column),
        })
    }
  }
  return batches
}

function shift(batches: readonly EventBatch[], ms: number, bytes: number): void {
  for (const { columns } of batches) {
    for (let i = 0; i < columns.time.length; i++) {
      columns.time[i] += ms
      columns.start[i] += ms
      columns.offset[i] += bytes
    }
  }
}

export function newEngine(): Engine {
  return createEngine({
    partition: 0,
    partitions: 1,
    latenessMs: 15_000,
    quietMs: { statistical: 3_600_000, certain: 86_400_000 },
    agreementMs: 3_600_000,
    maxEdges: 5_000_000,
    maxIdentities: 2_000_000,
    maxCredentials: 1_000_000,
    maxConnections: 500_000,
    expireIdleDays: 30,
    findingsPerDay: 20,
    incidentsPerDay: 0.5,
    detectors,
    detectorOptions: Object.fromEntries(detectors.map((d) => [d.name, Value.Create(d.options)])),
    sha256Hex: (text) => createHash('sha256').update(text).digest('hex'),
  })
}

function run(edges: number, withCredentials: boolean): void {
  const calls = Math.max(1_500_000, Math.round(edges * 1.3))
  const batches = pack(edges, calls, withCredentials)
  const engine = newEngine()
  let best = 0
  const spanMs = Math.floor(calls / 50)
  for (let pass = 0; pass < PASSES; pass++) {
    const began = performance.now()
    for (const batch of batches) processBatch(engine, batch)
    const rate = calls / ((performance.now() - began) / 1000)
    if (pass > 0) best = Math.max(best, rate)
    takeFindings(engine)
    takeFacts(engine)
    shift(batches, spanMs, calls * 750)
  }
  const { edges: table, edgeIndex } = engine.state
  const used = table.rows - table.free.length
  const bytes = (tableBytes(table) + edgeIndex.slots.byteLength) / used
  console.log(
    `analyze ${String(used).padStart(8)} edges${withCredentials ? ', credentials' : ''.padEnd(13)}: ${Math.round(best).toLocaleString('en').padStart(10)} calls/s, ` +
      `${(1e9 / best).toFixed(0)} ns a call, ${bytes.toFixed(0)} bytes an edge (late ${engine.counters.late}, early ${engine.counters.early})`,
  )
}

export function benchAnalyze(sizes: readonly number[]): void {
  for (const edges of sizes) {
    run(edges, false)
    if (edges <= MOST_CONNECTIONS) run(edges, true)
  }
}

if (import.meta.main)
  benchAnalyze(process.argv.length > 2 ? process.argv.slice(2).map(Number) : [3_000, 300_000, 3_000_000])
