/** One node of a cluster of combined brokers and controllers. */
export interface KafkaNode {
  readonly id: number
  readonly port: number
  readonly controllerPort: number
  readonly folder: string
}

/** The `server.properties` of a node: one that gives up fast on what has died, and replicates wherever it can. */
export function kafkaProperties(node: KafkaNode, nodes: readonly KafkaNode[]): string {
  const copies = nodes.length
  const inSync = Math.min(2, copies)
  return `process.roles=broker,controller
node.id=${node.id}
controller.quorum.voters=${nodes.map((it) => `${it.id}@127.0.0.1:${it.controllerPort}`).join(',')}
listeners=PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${node.port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${node.folder}
default.replication.factor=${copies}
min.insync.replicas=${inSync}
offsets.topic.replication.factor=${copies}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=${copies}
transaction.state.log.min.isr=${inSync}
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=${copies}
share.coordinator.state.topic.min.isr=${inSync}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=${copies === 1 ? 2000 : 3000}
broker.heartbeat.interval.ms=500
auto.create.topics.enable=false
`
}
