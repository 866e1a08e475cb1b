import { performance } from 'node:perf_hooks'
import { createTable, PAGE_ROWS, takeDirtyPages, takeRow, touch } from '../../analyzer/engine/table.ts'
import { Redis } from '../../io/redis.ts'
import { redisCheckpoints } from '../../io/redis-checkpoints.ts'
import { startRedis } from '../servers/redis.ts'
import { whyNoRedis } from '../servers/redis-node.ts'

/** Checkpoint and restore against a real Redis on this machine: how long, and what stands still meanwhile. */

const EDGES = 1_000_000
const DIRTY = 100_000
/** Bytes a row, as the table of edges has them. */
const LAYOUT = { counts: 'u32*34' } as const

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

/** Pages of a table in which these edges changed. */
function pagesOf(table: ReturnType<typeof createTable>): Map<string, Uint8Array> {
  return new Map([...takeDirtyPages(table)].map(([page, bytes]) => [`edges/${page}`, bytes]))
}

async function run(redis: Redis): Promise<void> {
  const table = createTable('edges', LAYOUT)
  for (let edge = 0; edge < EDGES; edge++) table.u32[takeRow(table) * table.words] = edge + 1
  const store = redisCheckpoints(redis)
  const { epoch } = await store.claim(0)
  let sequence = 0
  const save = async (pages: ReadonlyMap<string, Uint8Array>) => {
    const changed = { sequence: ++sequence, head: 'x'.repeat(200_000), pages }
    const answer = await store.save({ partition: 0, epoch, changed })
    if (answer !== 'saved') throw new Error(`the checkpoint was ${answer}`)
  }
  const all = pagesOf(table)
  await measure(redis, `first checkpoint of ${EDGES} edges`, () => save(all))
  for (let edge = 0; edge < DIRTY; edge++) touch(table, edge)
  const together = pagesOf(table)
  await measure(redis, `checkpoint of ${DIRTY} edges in ${together.size} pages`, () => save(together))
  for (let edge = 0; edge < DIRTY; edge++) touch(table, Math.floor((edge * EDGES) / DIRTY))
  const apart = pagesOf(table)
  await measure(redis, `checkpoint of ${DIRTY} edges in ${apart.size} pages`, () => save(apart))
  const claim = await measure(redis, `restore of ${EDGES} edges`, () => redisCheckpoints(redis).claim(0))
  if (claim.checkpoint?.pages.size !== EDGES / PAGE_ROWS) throw new Error('the restored state lacks pages')
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
