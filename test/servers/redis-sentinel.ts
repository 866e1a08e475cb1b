import { freePorts } from './free-ports.ts'
import { serverFolder } from './leave-nothing.ts'
import { answers, until } from './ready.ts'
import { type RedisNode, redisNode, sentinelNode } from './redis-node.ts'
import { type RedisSecurity, securedNode, securedSentinel } from './redis-secured.ts'
import { startAll, startOrStop } from './start-or-stop.ts'

/** A master that three sentinels watch, with one replica to take over. */
export interface RedisSentinel {
  /** What clients ask the sentinels for. */
  readonly name: 'meshwatch'
  readonly sentinels: readonly RedisNode[]
  /** Their ports with TLS, when they are secured. */
  readonly sentinelTlsPorts: readonly number[]
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
export async function startRedisSentinel(security?: RedisSecurity): Promise<RedisSentinel> {
  const folder = serverFolder('redis-sentinel')
  const ports = await freePorts(10)
  const [port, replicaPort, ...sentinelPorts] = ports.slice(0, 5)
  const [tlsPort, replicaTlsPort, ...sentinelTlsPorts] = ports.slice(5)
  const secured = (on: number) => security && securedNode(security, folder, on)
  const masterPort = security === undefined ? port : tlsPort
  const master = redisNode({ name: 'master', folder, port, settings: { ...secured(tlsPort) } })
  const settings = { ...secured(replicaTlsPort), replicaof: `127.0.0.1 ${masterPort}` }
  const replica = redisNode({ name: 'replica', folder, port: replicaPort, settings })
  const sentinels = sentinelPorts.map((it, index) => {
    const protection = security && securedSentinel(security, NAME, sentinelTlsPorts[index], folder)
    const settings = { ...watching(masterPort), ...protection }
    return sentinelNode({ name: `sentinel-${index + 1}`, folder, port: it, settings })
  })
  const stop = await startOrStop([master, replica, ...sentinels], folder, async () => {
    await startAll([master, replica])
    await until('the replica is in step', () =>
      answers(replica.port, 'INFO replication\r\n', /master_link_status:up/),
    )
    // Not before: a sentinel looks for replicas at once, and then only every 10 s.
    await startAll(sentinels)
    await allKnown(sentinels)
  })
  return { name: NAME, sentinels, sentinelTlsPorts, master, replica, stop }
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
