import { randomUUID } from 'node:crypto'
import { after } from 'node:test'
import type { RedisConfig } from '../../domain/config/redis.ts'
import { Redis, type RedisSetup } from '../../io/redis.ts'

/** Closes what the tests of a file opened, and says what was logged. */
const opened: Redis[] = []
after(() => {
  for (const redis of opened) redis.close()
})

/** A connection that uses a namespace of its own unless it is given one, and is closed when all tests have run. */
export function openRedis(
  config: Partial<RedisConfig>,
  lines: string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Redis {
  return openRedisAs(Redis, config, { lines, environment })
}

/** The same as one of another kind, which fails where a test wants it to. */
export function openRedisAs<Kind extends Redis>(
  kind: new (setup: RedisSetup) => Kind,
  config: Partial<RedisConfig>,
  { lines = [], environment = {} }: { lines?: string[]; environment?: NodeJS.ProcessEnv } = {},
): Kind {
  const redis = new kind({
    config: { namespace: `t-${randomUUID()}`, commandTimeoutMs: 5000, ...config },
    environment,
    log: (level, message) => lines.push(`${level} ${message}`),
  })
  opened.push(redis)
  return redis
}

export function addressOf({ port }: { readonly port: number }): string {
  return `127.0.0.1:${port}`
}
