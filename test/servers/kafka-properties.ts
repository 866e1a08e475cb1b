import type { Certificate } from './certificate.ts'
import { KAFKA_USER } from './kafka-files.ts'

/** The listeners for clients, and what each speaks. The plain one is always open. */
export const LISTENERS = {
  plain: 'PLAINTEXT',
  /** PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER (unsigned tokens) */
  sasl: 'SASL_PLAINTEXT',
  tls: 'SSL',
  saslTls: 'SASL_SSL',
  /** Only for who shows the certificate of the broker as its own */
  mutualTls: 'SSL',
} as const

export type ListenerName = keyof typeof LISTENERS

/** One node of a cluster of combined brokers and controllers. */
export interface KafkaNode {
  readonly id: number
  readonly ports: Readonly<Partial<Record<ListenerName, number>>>
  readonly controllerPort: number
  /** Of its log. */
  readonly folder: string
  /** With it all listeners are open, else the plain one. */
  readonly certificate?: Certificate
}

/** The `server.properties` of a node: one that gives up fast on what has died, and replicates wherever it can. */
export function kafkaProperties(node: KafkaNode, nodes: readonly KafkaNode[]): string {
  const copies = nodes.length
  const inSync = Math.min(2, copies)
  return `process.roles=broker,controller
node.id=${node.id}
controller.quorum.voters=${nodes.map((it) => `${it.id}@127.0.0.1:${it.controllerPort}`).join(',')}
${listeners(node)}
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
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.backoff.ms=500
auto.create.topics.enable=false
${node.certificate === undefined ? '' : security(node.certificate)}`
}

function listeners({ ports, controllerPort }: KafkaNode): string {
  const open = Object.entries(ports).map(([name, port]) => `${name.toUpperCase()}://127.0.0.1:${port}`)
  const protocols = Object.entries(LISTENERS).map(([name, protocol]) => `${name.toUpperCase()}:${protocol}`)
  return `listeners=${[...open, `CONTROLLER://127.0.0.1:${controllerPort}`].join(',')}
advertised.listeners=${open.join(',')}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAIN
listener.security.protocol.map=${[...protocols, 'CONTROLLER:PLAINTEXT'].join(',')}`
}

/** Kafka takes the PEM of a certificate in one line. */
function security({ cert, key }: Certificate): string {
  const oneLine = (pem: string): string => pem.trim().replaceAll('\n', '\\n')
  const login = 'org.apache.kafka.common.security'
  const { username, password } = KAFKA_USER
  const subject = 'unsecuredLoginStringClaim_sub="broker"'
  const sasl = ['sasl', 'sasltls'].flatMap((name) => [
    ...['scram-sha-256', 'scram-sha-512'].map(
      (it) => `listener.name.${name}.${it}.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
    ),
    `listener.name.${name}.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${username}="${password}";`,
    `listener.name.${name}.oauthbearer.sasl.jaas.config=${login}.oauthbearer.OAuthBearerLoginModule required ${subject};`,
  ])
  return `sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
${sasl.join('\n')}
ssl.keystore.type=PEM
ssl.keystore.certificate.chain=${oneLine(cert)}
ssl.keystore.key=${oneLine(key)}
listener.name.mutualtls.ssl.client.auth=required
listener.name.mutualtls.ssl.truststore.type=PEM
listener.name.mutualtls.ssl.truststore.certificates=${oneLine(cert)}
`
}
