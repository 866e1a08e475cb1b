import { randomUUID } from 'node:crypto'
import type { Redis, RedisScript } from './redis.ts'

/**
 * Who may write a partition: the last claimer. The owner is the claim's epoch and a word that only its claimer knows,
 * because a store that was rolled back or emptied may give the same epoch twice.
 */
export interface Ownership {
  /** Rises with each claim. */
  readonly epoch: number
  /** What the field `owner` holds while the claim is the last one. */
  readonly owner: string
  /** The fields that were asked for, as they were then. */
  readonly fields: readonly (string | null)[]
}

/** The same claimer again, as after a broken connection, is given the same epoch. ARGV: the word, names of fields. */
const CLAIM: RedisScript = {
  name: 'meshwatchClaimPartition',
  lua: `
local epoch = redis.call('HGET', KEYS[1], 'epoch') or '0'
if redis.call('HGET', KEYS[1], 'owner') ~= epoch .. ':' .. ARGV[1] then
  epoch = tostring(redis.call('HINCRBY', KEYS[1], 'epoch', 1))
  redis.call('HSET', KEYS[1], 'owner', epoch .. ':' .. ARGV[1])
end
return {epoch, redis.call('HMGET', KEYS[1], unpack(ARGV, 2))}`,
}

/** Claims the partition whose facts are in the hash `meta`: whoever held it before is refused from now on. */
export async function claimOwnership(
  redis: Redis,
  meta: string,
  fields: readonly [string, ...string[]],
): Promise<Ownership> {
  const word = randomUUID()
  const reply = await redis.run(CLAIM, { keys: [meta], values: [word, ...fields] })
  const [epoch, values] = reply as readonly [string, readonly (string | null)[]]
  return { epoch: Number(epoch), owner: `${epoch}:${word}`, fields: values }
}

/** True while nobody else has claimed the partition since. */
export async function isOwner(redis: Redis, meta: string, { owner }: Ownership): Promise<boolean> {
  return (await redis.command('hget', meta, 'owner')) === owner
}
