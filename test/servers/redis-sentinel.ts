import { freePorts } from './free-ports.ts'
import { serverFolder } from './leave-nothing.ts'
import { answers, until } from './ready.ts'
import { type RedisNode, redisNode, sentinelNode } from './redis-node.ts'
import { startAll, startOrStop } from './start-or-stop.ts'

/** A master that three sentinels watch, with one replica to take over. */
export interface RedisSentinel {
  /** What clients ask the sentinels for. */
  readonly name: 'meshwatch'
  readonly sentinels: readonly RedisNode[]
  /** As they were at the start. */
  readonly master: RedisNode
  readonly replica: RedisNode
  /** Ends all and removes what they wrote. */
  stop(): Promise<void>
}

const NAME = 'meshwatch'

/**
 * Starts five empty processes and waits until a failover would succeed: the replica is in step, and every sentinel knows
 * it and the other two. A master that is gone for 1 s is replaced.
 *
 * @throws when there is no Redis on this machine, or they are not ready after 60 s
 */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const folder = serverFolder('redis-sentinel')
  const [port, replicaPort, ...sentinelPorts] = await freePorts(5)
  const settings = { replicaof: `127.0.0.1 ${port}` }
  const master = redisNode({ name: 'master', folder, port, settings: {} })
  const replica = redisNode({ name: 'replica', folder, port: replicaPort, settings })
  const sentinels = sentinelPorts.map((it, index) =>
    sentinelNode({ name: `sentinel-${index + 1}`, folder, port: it, settings: watching(port) }),
  )
  const stop = await startOrStop([master, replica, ...sentinels], folder, async () => {
    await startAll([master, replica])
    await until('the replica is in step', () =>
      answers(replica.port, 'INFO replication\r\n', /master_link_status:up/),
    )
    // Not before: a sentinel looks for replicas at once, and then only every 10 s.
    await startAll(sentinels)
    await allKnown(sentinels)
  })
  return { name: NAME, sentinels, master, replica, stop }
}

function watching(port: number): Readonly<Record<string, string>> {
  return {
    'sentinel monitor': `${NAME} 127.0.0.1 ${port} 2`,
    'sentinel down-after-milliseconds': `${NAME} 1000`,
    'sentinel failover-timeout': `${NAME} 5000`,
  }
}

async function allKnown(sentinels: readonly RedisNode[]): Promise<void> {
  const count = (field: string, value: number): string => `${field}\\r\\n\\$1\\r\\n${value}\\r\\n`
  const known = new RegExp(`${count('num-slaves', 1)}[\\s\\S]*${count('num-other-sentinels', 2)}`)
  const question = `SENTINEL MASTER ${NAME}\r\n`
  await Promise.all(
    sentinels.map(({ port }) => until('sentinels know all', () => answers(port, question, known))),
  )
}
