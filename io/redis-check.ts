import type { Redis, RedisScript } from './redis.ts'
import { hasCode } from './world-error.ts'

/** One thing about a Redis that would lose state, or keep us from working. */
export interface RedisProblem {
  /** `host:port` of the server it is about. */
  readonly node: string
  readonly problem: string
  /** What to set: a command or a line of redis.conf. */
  readonly fix: string
  /** True when nothing can be stored; false when it can, and may be lost. */
  readonly isFatal: boolean
}

const OLDEST = 7

const PROBE: RedisScript = {
  name: 'meshwatchProbe',
  lua: `
redis.call('HSET', KEYS[1], 'probe', ARGV[1])
local read = redis.call('HGET', KEYS[1], 'probe')
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('DEL', KEYS[1], KEYS[2])
return read`,
}

/**
 * What is wrong with the servers for keeping state, and what to set. Empty when all is well.
 * @throws WorldError `redis-unreachable` when Redis cannot be asked, `redis-refused` when it takes nobody's writes now, or
 *   not this login: that may pass
 */
export async function checkRedisServers(redis: Redis): Promise<readonly RedisProblem[]> {
  return [
    ...(await checkPermissions(redis)),
    ...(await checkEach(redis, { ask: ['info', 'server'], what: 'its version', problemOf: versionProblem })),
    ...(await checkEach(redis, {
      ask: ['config', 'get', 'maxmemory-policy'],
      what: 'maxmemory-policy',
      problemOf: evictionProblem,
    })),
    ...(await checkEach(redis, {
      ask: ['config', 'get', 'appendonly', 'save'],
      what: 'persistence',
      problemOf: persistenceProblem,
    })),
  ]
}

interface Check {
  readonly ask: readonly [string, ...string[]]
  readonly what: string
  readonly problemOf: (answer: unknown) => Omit<RedisProblem, 'node'> | undefined
}

async function checkEach(redis: Redis, { ask, what, problemOf }: Check): Promise<RedisProblem[]> {
  try {
    const answers = await redis.atEachMaster(...ask)
    return answers.flatMap(({ node, answer }) => {
      const problem = problemOf(answer)
      return problem === undefined ? [] : [{ node, ...problem }]
    })
  } catch (error) {
    if (!isForbidden(error)) throw error
    const command = ask.slice(0, 2).join('|')
    const fix = `ACL SETUSER <user> +${command}, or make sure of it yourself`
    return [
      { node: redis.place, problem: `cannot check ${what}: ${ask[0]} is forbidden`, fix, isFatal: false },
    ]
  }
}

async function checkPermissions(redis: Redis): Promise<RedisProblem[]> {
  const keys = [`{${redis.namespace}:probe}:a`, `{${redis.namespace}:probe}:b`]
  try {
    await redis.run(PROBE, { keys, values: ['1'] })
    await redis.commandForBytes('hscan', keys[0], '0')
    return []
  } catch (error) {
    if (!isForbidden(error)) throw error
    const problem = `cannot write, read and run scripts below the namespace: ${error.message}`
    const fix = `ACL SETUSER <user> ~{${redis.namespace}:* +@read +@write +@scripting +@connection +info +cluster`
    return [{ node: redis.place, problem, fix, isFatal: true }]
  }
}

/** True when the user may not do what was asked; a server names some of that in words of a script. */
function isForbidden(error: unknown): error is Error {
  if (hasCode(error, 'redis-error')) return true
  return hasCode(error, 'redis-refused') && (error as Error).message.includes('NOPERM')
}

function versionProblem(answer: unknown): Omit<RedisProblem, 'node'> | undefined {
  const [, version, major] = /^(?:valkey|redis)_version:((\d+)\S*)/m.exec(String(answer)) ?? []
  if (Number(major) >= OLDEST) return undefined
  return {
    problem: `version ${version ?? 'unknown'} is too old`,
    fix: `install Redis ${OLDEST} or newer, or Valkey`,
    isFatal: true,
  }
}

function evictionProblem(answer: unknown): Omit<RedisProblem, 'node'> | undefined {
  const policy = settings(answer).get('maxmemory-policy')
  if (policy === 'noeviction') return undefined
  return {
    problem: `maxmemory-policy is ${policy}: a full server would delete state`,
    fix: 'CONFIG SET maxmemory-policy noeviction (redis.conf: maxmemory-policy noeviction)',
    isFatal: true,
  }
}

function persistenceProblem(answer: unknown): Omit<RedisProblem, 'node'> | undefined {
  const found = settings(answer)
  if (found.get('appendonly') === 'yes' || found.get('save')) return undefined
  return {
    problem: 'neither an append-only file nor snapshots are written: a restart loses all state',
    fix: 'CONFIG SET appendonly yes (redis.conf: appendonly yes)',
    isFatal: false,
  }
}

/** `[name, value, name, value]` as CONFIG GET answers. */
function settings(answer: unknown): Map<string, string> {
  const flat = answer as readonly string[]
  return new Map(Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]))
}
