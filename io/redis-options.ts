import { readFileSync } from 'node:fs'
import type { RedisConfig } from '../domain/config/redis.ts'
import { readSecret } from './secret.ts'
import { fileError } from './world-error.ts'

const FIRST_WAIT_MS = 20
const LONGEST_WAIT_MS = 5000

/** Wait before the next attempt to connect, ms: it doubles up to five seconds, and never says to give up. */
export function reconnectWaitMs(attempt: number): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 16))
  return Math.ceil(wait * (0.5 + Math.random() / 2))
}

/**
 * What every connection is opened with, in the words of the client library.
 * @throws WorldError `secret-missing` or one of a file, when a password or the CA file cannot be read
 */
export function connectionOptions(config: RedisConfig, environment = process.env) {
  const { username, password, commandTimeoutMs } = config
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: readSecret(password, environment) }),
    ...(config.tls && { tls: tlsOptions(config.tls) }),
    connectTimeout: commandTimeoutMs,
    commandTimeout: commandTimeoutMs,
    socketTimeout: commandTimeoutMs,
    // What was sent and not answered is sent again, but not for ever: who sent it repeats it.
    maxRetriesPerRequest: 3,
    // Auto-pipelining loses commands of a cluster that answers MOVED.
    enableAutoPipelining: false,
    // A master that became a replica keeps its connections: only the answer tells.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }
}

/** Options of the Sentinels themselves. */
export function sentinelOptions(config: RedisConfig, environment = process.env) {
  const { sentinel, tls, commandTimeoutMs } = config
  if (sentinel === undefined) return undefined
  return {
    name: sentinel.name,
    sentinels: sentinel.addresses.map(hostAndPort),
    ...(sentinel.username !== undefined && { sentinelUsername: sentinel.username }),
    ...(sentinel.password && { sentinelPassword: readSecret(sentinel.password, environment) }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(tls) }),
    sentinelCommandTimeout: commandTimeoutMs,
    sentinelRetryStrategy: reconnectWaitMs,
    failoverDetector: true,
  }
}

function tlsOptions({ caFile, serverName }: NonNullable<RedisConfig['tls']>) {
  return {
    ...(caFile !== undefined && { ca: readCa(caFile) }),
    ...(serverName !== undefined && { servername: serverName }),
  }
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw fileError(path, cause)
  }
}

/** `{ host, port }` of `host:port` or `[v6]:port`. */
export function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':')
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) }
}
