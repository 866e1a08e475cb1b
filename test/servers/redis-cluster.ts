import { findCommand } from './find-command.ts'
import { freePorts } from './free-ports.ts'
import { serverFolder } from './leave-nothing.ts'
import { answers, until } from './ready.ts'
import { type RedisNode, redisNode } from './redis-node.ts'
import { runQuietly } from './run-quietly.ts'
import { startAll, startOrStop } from './start-or-stop.ts'

/** Three masters that share the slots. */
export interface RedisCluster {
  readonly masters: readonly RedisNode[]
  /** None, or one for each master, in no special order. */
  readonly replicas: readonly RedisNode[]
  /** Ends all and removes what they wrote. */
  stop(): Promise<void>
}

const MASTERS = 3

/**
 * Starts an empty cluster and waits until every node calls it whole and every replica is in step. A master that is gone
 * for 2 s is replaced by its replica.
 *
 * @throws when there is no Redis on this machine, or it is not ready after 60 s
 */
export async function startRedisCluster({ replicas = 0 }: { replicas?: 0 | 1 } = {}): Promise<RedisCluster> {
  const folder = serverFolder('redis-cluster')
  const count = MASTERS * (1 + replicas)
  const ports = await freePorts(count * 2)
  const nodes = ports.slice(0, count).map((port, index) => {
    const name = `node-${index + 1}`
    return redisNode({ name, folder, port, settings: clustered(name, ports[count + index]) })
  })
  const stop = await startOrStop(nodes, folder, async () => {
    await startAll(nodes)
    await join(nodes, replicas)
  })
  return { masters: nodes.slice(0, MASTERS), replicas: nodes.slice(MASTERS), stop }
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

async function join(nodes: readonly RedisNode[], replicas: number): Promise<void> {
  const cli = findCommand('redis-cli')
  if (cli === undefined) throw new Error('no redis-cli in PATH')
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  const flags = ['--cluster-replicas', `${replicas}`, '--cluster-yes']
  await runQuietly([cli, '--cluster', 'create', ...addresses, ...flags])
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
