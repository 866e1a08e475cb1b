import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCommand } from './find-command.ts'
import { freePorts } from './free-ports.ts'
import { removeFolder, serverFolder } from './leave-nothing.ts'
import { type ServerProcess, serverProcess } from './process.ts'
import { answers } from './ready.ts'

/** More lines of `redis.conf`, over those that a store of checkpoints needs: `{ 'maxmemory-policy': 'allkeys-lru' }`. */
export type RedisSettings = Readonly<Record<string, string>>

export interface RedisNode extends ServerProcess {
  readonly host: '127.0.0.1'
  /** The same after a new start. */
  readonly port: number
}

/** One server. What it acknowledged outlives `kill` and `start`: it writes an append-only file. */
export interface Redis extends RedisNode {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>
}

/** @returns why no Redis can be started, in words for a person, or undefined */
export function whyNoRedis(): string | undefined {
  return findCommand('redis-server') === undefined ? 'no redis-server in PATH' : undefined
}

/** Starts an empty server. @throws when there is none on this machine, or it is not ready after 60 s */
export async function startRedis(settings: RedisSettings = {}): Promise<Redis> {
  const folder = serverFolder('redis')
  const [port] = await freePorts(1)
  const node = redisNode({ name: 'redis', folder, port, settings })
  const stop = async (): Promise<void> => {
    await node.kill()
    removeFolder(folder)
  }
  await startAll([node], stop)
  return { ...node, url: `redis://127.0.0.1:${port}`, stop }
}

/** What one node is made of: it writes into a folder of its own inside `folder`. */
export interface RedisLaunch {
  readonly name: string
  readonly folder: string
  readonly port: number
  readonly settings: RedisSettings
}

const DURABLE: RedisSettings = {
  save: '""',
  appendonly: 'yes',
  appendfsync: 'everysec',
  maxmemory: '256mb',
  'maxmemory-policy': 'noeviction',
}

/** A node that is not started yet. */
export function redisNode({ name, folder, port, settings }: RedisLaunch): RedisNode {
  const lines = {
    bind: '127.0.0.1',
    port: `${port}`,
    dir: folder,
    appenddirname: name,
    ...DURABLE,
    ...settings,
  }
  const command = redisCommand(join(folder, `${name}.conf`), lines)
  const isReady = (): Promise<boolean> => answers(port, 'PING\r\n', /^(\+PONG|-NOAUTH)/)
  return { ...serverProcess({ name, folder, command, isReady }), host: '127.0.0.1', port }
}

/** Writes a configuration. @returns the command that serves it */
export function redisCommand(config: string, settings: RedisSettings): readonly string[] {
  const command = findCommand('redis-server')
  if (command === undefined) throw new Error(whyNoRedis())
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`)
  writeFileSync(config, lines.join(''))
  return [command, config]
}

/** Starts all at once, and stops all when one cannot. */
export async function startAll(nodes: readonly RedisNode[], stop: () => Promise<void>): Promise<void> {
  try {
    await Promise.all(nodes.map((node) => node.start()))
  } catch (error) {
    await stop()
    throw error
  }
}
