import type { Checkpoint, CheckpointStore, Claim, PartitionChange } from '../domain/ports.ts'
import type { Redis, RedisScript, RedisValue } from './redis.ts'
import { advance, chunksOf, type Field, type InForce, keyedBytes } from './redis-checkpoint-fields.ts'
import { loadCheckpoint } from './redis-checkpoint-load.ts'
import { ANSWER, COMMIT, PRUNE, STAGE } from './redis-checkpoint-scripts.ts'
import { claimOwnership, isOwner } from './redis-claim.ts'
import { partitionKey } from './redis-namespace.ts'
import { worldError } from './world-error.ts'

/** What a claimer knows of its partition. */
interface Held {
  readonly keys: readonly [meta: string, pages: string]
  readonly epoch: number
  readonly owner: string
  sequence: number
  inForce: InForce
  /** Fields that nobody needs since a sequence was committed. */
  dead: { readonly since: number; readonly names: readonly string[] }
}

/** Checkpoints in Redis, each partition by itself: chunks are staged, and one small script puts them in force. */
export function redisCheckpoints(redis: Redis): CheckpointStore {
  const claims = new Map<number, Held>()
  return {
    claim: async (partition) => {
      const { held, claim } = await claimPartition(redis, partition)
      claims.set(partition, held)
      return claim
    },
    save: async ({ partition, epoch, changed }: PartitionChange) => {
      const held = claims.get(partition)
      if (held?.epoch !== epoch) return 'fenced'
      return (await write(redis, held, changed)) === ANSWER.lost ? 'fenced' : 'saved'
    },
  }
}

/** @throws WorldError `checkpoint-broken` when the store has a head and lacks pages, `fenced` when another claims it */
async function claimPartition(
  redis: Redis,
  partition: number,
): Promise<{ readonly held: Held; readonly claim: Claim }> {
  const key = partitionKey(redis, 'stream', partition)
  const keys = [`${key}:meta`, `${key}:pages`] as const
  const claimed = await claimOwnership(redis, keys[0], ['sequence', 'fields'])
  const { epoch, owner } = claimed
  const [sequence, fields] = claimed.fields.map(Number)
  const { checkpoint, inForce, dead } = await loadCheckpoint(redis, keys[1], sequence)
  if (inForce.size !== fields) {
    if (!(await isOwner(redis, keys[0], claimed)))
      throw worldError('fenced', `another process claims partition ${partition}`)
    throw worldError(
      'checkpoint-broken',
      `the checkpoint of partition ${partition} at ${redis.place} has ${inForce.size} of ${fields} pages: did somebody delete keys, or is maxmemory-policy not noeviction? restore the server, or rebuild`,
    )
  }
  return {
    held: {
      keys,
      epoch,
      owner,
      sequence,
      inForce,
      dead: { since: sequence, names: dead },
    },
    claim: { epoch, checkpoint: sequence === 0 ? undefined : checkpoint },
  }
}

const CHUNKS_AT_ONCE = 4

type Run = (script: RedisScript, ...values: RedisValue[]) => Promise<number>

/** Safe to repeat with the same change, whatever became of it before. */
async function write(redis: Redis, held: Held, changed: Checkpoint): Promise<number> {
  const { sequence } = changed
  const run: Run = (script, ...values) =>
    redis.run(script, { keys: held.keys, values: [held.owner, ...values] }) as Promise<number>
  if ((await prune(held, run)) === ANSWER.lost) return ANSWER.lost
  const keyed = keyedBytes(changed)
  const chunks = await stage(run, chunksOf(keyed, sequence), { sequence, atOnce: CHUNKS_AT_ONCE })
  // They may overtake each other where a cluster moves a partition: one by one they are in order, or it is lost.
  const staged = chunks ?? (await stage(run, chunksOf(keyed, sequence), { sequence, atOnce: 1 }))
  if (staged === undefined) return ANSWER.lost
  const inForce = new Map(held.inForce)
  const dead = advance(inForce, keyed.keys(), sequence)
  const answer = await run(COMMIT, sequence, staged, inForce.size)
  if (answer === ANSWER.lost || held.sequence === sequence) return answer
  Object.assign(held, { sequence, inForce, dead: { since: sequence, names: dead } })
  return answer
}

/** @returns how many chunks there are; undefined when the store does not take one */
async function stage(
  run: Run,
  chunks: Iterable<Field[]>,
  { sequence, atOnce }: { readonly sequence: number; readonly atOnce: number },
): Promise<number | undefined> {
  const sent: Promise<number>[] = []
  let count = 0
  for (const chunk of chunks) {
    const answer = run(STAGE, sequence, count++, ...chunk.flat())
    // The first failure ends the save; those behind it have the same reason.
    answer.catch(() => {})
    sent.push(answer)
    if (sent.length === atOnce && (await sent.shift()) === ANSWER.lost) return undefined
  }
  return (await Promise.all(sent)).includes(ANSWER.lost) ? undefined : count
}

const NAMES_AT_ONCE = 2000

async function prune(held: Held, run: Run): Promise<number> {
  const { since, names } = held.dead
  for (let from = 0; from < names.length; from += NAMES_AT_ONCE) {
    const answer = await run(PRUNE, since, ...names.slice(from, from + NAMES_AT_ONCE))
    if (answer === ANSWER.lost) return answer
  }
  held.dead = { since, names: [] }
  return ANSWER.done
}
