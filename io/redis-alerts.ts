import type { Redis, RedisScript, RedisValue } from './redis.ts'
import { partitionKey } from './redis-namespace.ts'
import { worldError } from './world-error.ts'

/**
 * The keys of one findings partition, all under one hash tag. Every script is given all of them in this order, and
 * knows them by these names in capitals. Sorted sets whose name ends with `index` have one score, and are ranges of text.
 *
 * - meta: epoch, owner, next · tokens: the latest changes and decisions, so that one that is sent again is recognised
 * - index: by state and severity, by identity, by detector, deliveries by incident: `text\0…\0time\0id`
 * - summaries, details, revisions: by incident · groups: unresolved incident by group · lapses: unresolved by resolvesAt
 * - seen: finding ids · waitindex, waits, waiting: findings that wait, by group, by time, as JSON
 * - deliveries, states, notices: by delivery · owedindex, due, since: those owed, by urgency, dueAt, createdAt
 */
const KEYS = [
  'meta',
  'tokens',
  'index',
  'summaries',
  'details',
  'revisions',
  'groups',
  'lapses',
  'seen',
  'waitindex',
  'waits',
  'waiting',
  'deliveries',
  'states',
  'notices',
  'owedindex',
  'due',
  'since',
  'disabled',
  'decisions',
] as const

/** One findings partition, as one process uses it. */
export interface AlertPartition {
  readonly redis: Redis
  readonly keys: readonly string[]
  /** Of the claim; '' for who only reads, or writes what revisions protect. */
  readonly owner: string
}

export function alertPartition(redis: Redis, partition: number, owner: string): AlertPartition {
  const key = partitionKey(redis, 'alerts', partition)
  return { redis, keys: KEYS.map((name) => `${key}:${name}`), owner }
}

export function keyOf({ keys }: AlertPartition, name: (typeof KEYS)[number]): string {
  return keys[KEYS.indexOf(name)]
}

/** A script that knows the keys by name, and takes its values one after the other. */
export function alertScript(name: string, lua: string): RedisScript {
  return {
    name,
    lua: `
local ${KEYS.map((key) => key.toUpperCase()).join(', ')} = unpack(KEYS)
local at = 0
local function take() at = at + 1 return ARGV[at] end
local call = redis.call
${lua}`,
  }
}

/** A script that writes: its first value is the owner, and an older owner is refused. */
export function alertWrite(name: string, lua: string): RedisScript {
  return alertScript(
    name,
    `
local owner = take()
if owner ~= '' and call('HGET', META, 'owner') ~= owner then return 'fenced' end
${lua}`,
  )
}

export async function ask(
  { redis, keys }: AlertPartition,
  script: RedisScript,
  values: readonly RedisValue[],
): Promise<readonly string[]> {
  return (await redis.run(script, { keys, values })) as readonly string[]
}

/** @throws WorldError `fenced` when another process has claimed the partition, or the store was rolled back */
export async function tell(
  { redis, keys, owner }: AlertPartition,
  script: RedisScript,
  values: readonly RedisValue[],
): Promise<string> {
  const answer = await redis.run(script, { keys, values: [owner, ...values] })
  if (answer !== 'fenced') return String(answer)
  throw worldError(
    'fenced',
    `another process has claimed ${keys[0].replace(/:meta$/, '')} at ${redis.place}, or the store was rolled back: claim it again`,
  )
}

/** Epoch ms as text that sorts like the time. */
export function timeText(time: number): string {
  return String(Math.max(0, Math.trunc(time))).padStart(16, '0')
}

/** Parts of a member of an index. No part but the last may hold the sign between them. */
export function member(...parts: readonly string[]): string {
  return parts.join('\0')
}
