import { findCommand } from './find-command.ts'
import { freePorts } from './free-ports.ts'
import { serverFolder } from './leave-nothing.ts'
import { answers, until } from './ready.ts'
import { type RedisNode, redisNode } from './redis-node.ts'
import { ADMIN, type RedisSecurity, securedNode } from './redis-secured.ts'
import { runQuietly } from './run-quietly.ts'
import { startAll, startOrStop } from './start-or-stop.ts'

/** Three masters that share the slots. */
export interface RedisCluster {
  readonly masters: readonly RedisNode[]
  /** None, or one for each master, in no special order. */
  readonly replicas: readonly RedisNode[]
  /** Ports of the masters with TLS, when they are secured. */
  readonly tlsPorts: readonly number[]
  /** Ends all and removes what they wrote. */
  stop(): Promise<void>
}

export interface ClusterOptions {
  readonly replicas?: 0 | 1
  readonly security?: RedisSecurity
}

const MASTERS = 3

/**
 * Starts an empty cluster and waits until every node calls it whole and every replica is in step. A master that is gone
 * for 2 s is replaced by its replica.
 *
 * @throws when there is no Redis on this machine, or it is not ready after 60 s
 */
export async function startRedisCluster({
  replicas = 0,
  security,
}: ClusterOptions = {}): Promise<RedisCluster> {
  const folder = serverFolder('redis-cluster')
  const count = MASTERS * (1 + replicas)
  const all = await freePorts(count * 3)
  const [ports, busPorts, tlsPorts] = [0, 1, 2].map((at) => all.slice(at * count, (at + 1) * count))
  const nodes = ports.map((port, index) => {
    const name = `node-${index + 1}`
    const protection = security && securedNode(security, folder, tlsPorts[index])
    const settings = { ...clustered(name, busPorts[index]), ...protection }
    return redisNode({ name, folder, port, settings })
  })
  const stop = await startOrStop(nodes, folder, async () => {
    await startAll(nodes)
    const how = security === undefined ? [] : asAdmin(folder)
    await join(nodes, { replicas, ports: security === undefined ? ports : tlsPorts, how })
  })
  const masters = nodes.slice(0, MASTERS)
  return { masters, replicas: nodes.slice(MASTERS), tlsPorts: tlsPorts.slice(0, MASTERS), stop }
}

/** The port of the nodes among themselves is given: by default it is 10000 higher, which may be anyone's. */
function clustered(name: string, port: number): Readonly<Record<string, string>> {
  return {
    'cluster-enabled': 'yes',
    'cluster-config-file': `${name}.nodes`,
    'cluster-node-timeout': '2000',
    'cluster-port': `${port}`,
  }
}

/** Words for redis-cli. */
const asAdmin = (folder: string): readonly string[] => [
  '--tls',
  '--cacert',
  `${folder}/cert.pem`,
  '--user',
  ADMIN.name,
  '--pass',
  ADMIN.password,
  '--no-auth-warning',
]

interface Joining {
  readonly replicas: number
  /** Where each node is asked. */
  readonly ports: readonly number[]
  readonly how: readonly string[]
}

async function join(nodes: readonly RedisNode[], { replicas, ports, how }: Joining): Promise<void> {
  const cli = findCommand('redis-cli')
  if (cli === undefined) throw new Error('no redis-cli in PATH')
  const addresses = ports.map((port) => `127.0.0.1:${port}`)
  const flags = ['--cluster-replicas', `${replicas}`, '--cluster-yes']
  await runQuietly([cli, ...how, '--cluster', 'create', ...addresses, ...flags])
  for (const { port } of nodes) {
    await until('the cluster is whole', () => answers(port, 'CLUSTER INFO\r\n', /cluster_state:ok/))
  }
  const allReplicas = new RegExp(`(\\bslave\\b[\\s\\S]*){${MASTERS * replicas}}`)
  for (const { port } of nodes) {
    await until('every replica is known', () => answers(port, 'CLUSTER NODES\r\n', allReplicas))
  }
  for (const { port } of nodes.slice(MASTERS)) {
    const question = 'INFO replication\r\n'
    await until('replicas are in step', () =>
      answers(port, question, /role:slave[\s\S]*master_link_status:up/),
    )
  }
}
