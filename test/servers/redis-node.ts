import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCommand } from './find-command.ts'
import { type ServerProcess, serverProcess } from './process.ts'
import { answers } from './ready.ts'

/** Lines of `redis.conf`: `{ 'maxmemory-policy': 'allkeys-lru', user: 'reader on >secret ~mw:* +@read' }`. */
export type RedisSettings = Readonly<Record<string, string>>

/** A Redis process of any kind. What it acknowledged outlives `kill` and `start`: it writes an append-only file. */
export interface RedisNode extends ServerProcess {
  readonly host: '127.0.0.1'
  /** The same after a new start. */
  readonly port: number
}

/** What one node is made of: in `folder` it writes only files that begin with its name. */
export interface RedisLaunch {
  readonly name: string
  readonly folder: string
  readonly port: number
  readonly settings: RedisSettings
}

/** What a store of checkpoints must be: it writes down everything and forgets nothing. */
const DURABLE: RedisSettings = {
  save: '""',
  appendonly: 'yes',
  appendfsync: 'everysec',
  maxmemory: '256mb',
  'maxmemory-policy': 'noeviction',
  'repl-diskless-sync-delay': '0',
}

/** @returns why no Redis can be started, in words for a person, or undefined */
export function whyNoRedis(): string | undefined {
  const missing = ['redis-server', 'redis-cli'].find((name) => findCommand(name) === undefined)
  return missing === undefined ? undefined : `no ${missing} in PATH`
}

/** A node that is not started yet. */
export function redisNode(launch: RedisLaunch): RedisNode {
  const { name, folder } = launch
  const files = { dir: folder, dbfilename: `${name}.rdb`, appenddirname: `${name}.aof` }
  return redisProcess({ ...launch, settings: { ...files, ...DURABLE, ...launch.settings } })
}

/** A sentinel that is not started yet. */
export function sentinelNode(launch: RedisLaunch): RedisNode {
  return redisProcess({ ...launch, settings: { dir: launch.folder, ...launch.settings } }, ['--sentinel'])
}

function redisProcess(launch: RedisLaunch, flags: readonly string[] = []): RedisNode {
  const { name, folder, port, settings } = launch
  const command = findCommand('redis-server')
  if (command === undefined) throw new Error(whyNoRedis())
  const config = join(folder, `${name}.conf`)
  const lines = Object.entries({ bind: '127.0.0.1', port: `${port}`, ...settings })
  writeFileSync(config, lines.map(([setting, value]) => `${setting} ${value}\n`).join(''))
  const isReady = (): Promise<boolean> => answers(port, 'PING\r\n', /^(\+PONG|-NOAUTH)/)
  const launched = serverProcess({ name, folder, command: [command, config, ...flags], isReady })
  return { ...launched, host: '127.0.0.1', port }
}
