import type { Redis, RedisScript } from './redis.ts'
import { worldError } from './world-error.ts'

/** Keys of one partition: the braces make a cluster keep all of them on one node. */
export function partitionKey(redis: Redis, kind: 'stream' | 'alerts', partition: number): string {
  return `{${redis.namespace}:${kind}-${partition}}`
}

/** What everybody who shares a namespace must have in common. */
export interface Deployment {
  /** Consumer group of the stream. */
  readonly group: string
  /** Of the key that hashes bearer secrets: never the key. */
  readonly keyFingerprint: string
  readonly partitions: number
}

const CLAIM: RedisScript = {
  name: 'meshwatchClaimNamespace',
  lua: `
local isNew = redis.call('EXISTS', KEYS[1]) == 0
if isNew then redis.call('HSET', KEYS[1], unpack(ARGV)) end
return {isNew and 'new' or 'known', unpack(redis.call('HMGET', KEYS[1], ARGV[1], ARGV[3], ARGV[5]))}`,
}

const MEANING: Readonly<Record<keyof Deployment, readonly [what: string, wayOut: string]>> = {
  group: ['consumer group', 'configure that group, or another redis.namespace for this deployment'],
  keyFingerprint: [
    'key for bearer secrets, with the fingerprint',
    'give every process the same key file, or this deployment another redis.namespace',
  ],
  partitions: [
    'number of stream partitions',
    'keep that number, or rebuild into another redis.namespace: state does not move between partitions',
  ],
}

/**
 * Takes the namespace for this deployment, or finds that it is this deployment's.
 * @returns `new` when nothing was there: with a log that was read before, somebody has emptied the store
 * @throws WorldError `namespace-taken` when another deployment has it, with the way out
 */
export async function claimNamespace(redis: Redis, deployment: Deployment): Promise<'new' | 'known'> {
  const fields = Object.entries(deployment) as [keyof Deployment, string | number][]
  const call = { keys: [`{${redis.namespace}:deployment}`], values: fields.flat() }
  const [age, ...stored] = (await redis.run(CLAIM, call)) as ['new' | 'known', ...(string | null)[]]
  const differing = fields.findIndex(([, value], at) => stored[at] !== String(value))
  if (differing === -1) return age
  const [name, value] = fields[differing]
  const [what, wayOut] = MEANING[name]
  throw worldError(
    'namespace-taken',
    `the namespace "${redis.namespace}" at ${redis.place} is used with another ${what}: ${stored[differing]}, and here it is ${value}; ${wayOut}`,
  )
}
