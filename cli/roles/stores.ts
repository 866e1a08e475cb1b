import { sha256Hex } from '../../io/hash.ts'
import { Redis } from '../../io/redis.ts'
import { checkRedisServers } from '../../io/redis-check.ts'
import { claimNamespace } from '../../io/redis-namespace.ts'
import type { Role } from './role.ts'

/**
 * The Redis that roles share, once it answers and is this deployment's.
 * @throws WorldError `namespace-taken` when another deployment has the namespace; Error when nothing can be stored there
 */
export async function openStores(
  { config, log, bearerKey }: Role,
  persist: <Result>(ask: () => Promise<Result>) => Promise<Result>,
): Promise<Redis> {
  const redis = new Redis({ config: config.redis, log })
  try {
    const problems = await persist(() => checkRedisServers(redis))
    for (const { node, problem, fix } of problems) log('warn', `Redis: ${problem}`, { node, fix })
    const fatal = problems.find(({ isFatal }) => isFatal)
    if (fatal !== undefined) throw new Error(`Redis at ${fatal.node}: ${fatal.problem}; ${fatal.fix}`)
    await persist(() =>
      claimNamespace(redis, {
        group: config.kafka.group,
        keyFingerprint: sha256Hex(Buffer.from(bearerKey).toString('hex')).slice(0, 16),
        partitions: config.kafka.partitions.stream,
      }),
    )
    return redis
  } catch (error) {
    redis.close()
    throw error
  }
}
