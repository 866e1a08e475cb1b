import { performance } from 'node:perf_hooks'
import { stepCheckpoint, stepRestore } from '../../analyzer/engine/checkpoint.ts'
import { makeEdge } from '../../analyzer/engine/edges.ts'
import type { Engine } from '../../analyzer/engine/engine.ts'
import { identityRow } from '../../analyzer/engine/rows.ts'
import { touch } from '../../analyzer/engine/table.ts'
import { openTurns, stepInTurns } from '../../cli/roles/turns.ts'
import { Redis } from '../../io/redis.ts'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { startRedis } from '../servers/redis.ts'
import { whyNoRedis } from '../servers/redis-node.ts'
import { newEngine } from './analyze.ts'

/** Checkpoint and restore of one partition against a real Redis on this machine: how long, and what stands still meanwhile. */

const EDGES = 1_000_000
const DIRTY = 100_000
const CALLEES_PER_CALLER = 60

/** Longest time in ms for which a timer of 1 ms did not come. */
function watchLoop(): () => number {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  return () => {
    clearInterval(timer)
    return Math.max(longest, performance.now() - last)
  }
}

/** Runs a step and prints its seconds, the longest stall of our loop and the longest call in Redis. */
async function measure<Result>(redis: Redis, name: string, step: () => Promise<Result>): Promise<Result> {
  await redis.command('slowlog', 'RESET')
  const stall = watchLoop()
  const began = performance.now()
  const result = await step()
  const seconds = (performance.now() - began) / 1000
  const entries = (await redis.command('slowlog', 'GET', '-1')) as readonly (readonly unknown[])[]
  const longest = Math.max(0, ...entries.map((entry) => Number(entry[2]))) / 1000
  console.log(
    `redis ${name}: ${seconds.toFixed(2)} s, longest stall of the loop ${stall().toFixed(0)} ms, longest call in redis ${longest.toFixed(1)} ms`,
  )
  return result
}

/** An engine that knows so many edges. */
function engineOf(edges: number): Engine {
  const engine = newEngine()
  const row = (name: string) => identityRow(engine, `spiffe://mesh.example/ns/bench/sa/${name}`, 1)
  for (let edge = 0; edge < edges; edge++)
    makeEdge(
      engine,
      row(`caller-${Math.floor(edge / CALLEES_PER_CALLER)}`),
      row(`callee-${edge % CALLEES_PER_CALLER}`),
      1000,
    )
  return engine
}

async function run(redis: Redis): Promise<void> {
  const engine = engineOf(EDGES)
  const store = redisCheckpoints(redis)
  const { epoch } = await store.claim(0)
  const turns = openTurns()
  let sequence = 0
  const save = async () => {
    const changed = await stepInTurns(turns, stepCheckpoint(engine, ++sequence))
    const answer = await store.save({ partition: 0, epoch, changed })
    if (answer !== 'saved') throw new Error(`the checkpoint was ${answer}`)
  }
  await measure(redis, `first checkpoint of ${EDGES} edges`, save)
  for (let edge = 0; edge < DIRTY; edge++) touch(engine.state.edges, edge)
  await measure(redis, `checkpoint of ${DIRTY} edges side by side`, save)
  for (let edge = 0; edge < DIRTY; edge++) touch(engine.state.edges, Math.floor((edge * EDGES) / DIRTY))
  await measure(redis, `checkpoint of ${DIRTY} edges all over the table`, save)
  await measure(redis, `restore of ${EDGES} edges`, async () => {
    const { checkpoint } = await redisCheckpoints(redis).claim(0)
    const restored = newEngine()
    await stepInTurns(turns, stepRestore(restored, checkpoint!))
    if (restored.state.edges.rows !== EDGES) throw new Error('the restored state lacks edges')
  })
}

export async function benchRedis(): Promise<void> {
  const reason = whyNoRedis()
  if (reason !== undefined) return console.log(`redis: not measured, ${reason}`)
  const settings = { maxmemory: '2gb', 'slowlog-log-slower-than': '1000', 'slowlog-max-len': '4096' }
  const server = await startRedis({ settings })
  const config = { address: `127.0.0.1:${server.port}`, namespace: 'bench', commandTimeoutMs: 5000 }
  const redis = new Redis({ config, log: (_, message) => console.log(message) })
  try {
    await run(redis)
  } finally {
    redis.close()
    await server.stop()
  }
}

if (import.meta.main) await benchRedis()
