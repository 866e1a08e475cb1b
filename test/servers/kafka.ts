import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Certificate } from './certificate.ts'
import { findCommand } from './find-command.ts'
import { freePorts } from './free-ports.ts'
import { classArchive, KAFKA_HOME, kafkaJava, whyNoKafka } from './kafka-files.ts'
import { type KafkaNode, kafkaProperties, LISTENERS, type ListenerName } from './kafka-properties.ts'
import { serverFolder } from './leave-nothing.ts'
import { type ServerProcess, serverProcess } from './process.ts'
import { accepts } from './ready.ts'
import { startAll, startOrStop } from './start-or-stop.ts'

export interface KafkaOptions {
  /** Each is broker and controller. Default 1. */
  readonly brokers?: 1 | 3
  /** Opens the listeners with SASL and TLS too. `KAFKA_USER` may log in, and so may whoever brings a token. */
  readonly certificate?: Certificate
  /** For the Java machine, beside the usual ones. */
  readonly flags?: readonly string[]
}

export interface Broker extends ServerProcess {
  readonly id: number
  /** Of 127.0.0.1, plain; the same after a new start. */
  readonly port: number
}

export interface Kafka {
  /** `host:port` of each broker, plain. */
  readonly bootstrap: readonly string[]
  /** The same by listener; only `plain` without a certificate. */
  readonly bootstraps: Readonly<Partial<Record<ListenerName, readonly string[]>>>
  readonly brokers: readonly Broker[]
  /** Ends all brokers at once and removes what they wrote. */
  stop(): Promise<void>
}

/** Starts a new, empty cluster. @throws when Kafka cannot be had here, or is not ready after 60 s */
export async function startKafka({
  brokers: count = 1,
  certificate,
  flags = [],
}: KafkaOptions = {}): Promise<Kafka> {
  const reason = whyNoKafka()
  if (reason !== undefined) throw new Error(reason)
  const folder = serverFolder('kafka')
  const nodes = await kafkaNodes(count, folder, certificate)
  const brokers = nodes.map((node) => broker(node, nodes, [...sharedClasses(), ...flags]))
  const stop = await startOrStop(brokers, folder, () => startAll(brokers))
  const bootstraps = Object.fromEntries(
    listenerNames(certificate).map((name) => [name, nodes.map(({ ports }) => `127.0.0.1:${ports[name]}`)]),
  )
  return { bootstrap: bootstraps['plain'], bootstraps, brokers, stop }
}

/** Nodes with free ports, numbered from 1, each with a folder of its number. */
export async function kafkaNodes(
  count: number,
  folder: string,
  certificate?: Certificate,
): Promise<readonly KafkaNode[]> {
  const names = listenerNames(certificate)
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const [controllerPort, ...ports] = await freePorts(names.length + 1)
      return {
        id: index + 1,
        ports: Object.fromEntries(names.map((name, at) => [name, ports[at]])),
        controllerPort,
        folder: join(folder, `${index + 1}`),
        certificate,
      }
    }),
  )
}

function listenerNames(certificate: Certificate | undefined): readonly ListenerName[] {
  return certificate === undefined ? ['plain'] : (Object.keys(LISTENERS) as ListenerName[])
}

function broker(node: KafkaNode, nodes: readonly KafkaNode[], flags: readonly string[]): Broker {
  cpSync(join(KAFKA_HOME, 'formatted', `${node.id}`), node.folder, { recursive: true })
  const config = `${node.folder}.properties`
  writeFileSync(config, kafkaProperties(node, nodes))
  const memory = ['-Xms64m', nodes.length === 1 ? '-Xmx512m' : '-Xmx256m']
  const launched = serverProcess({
    name: `kafka-${node.id}`,
    folder: join(node.folder, '..'),
    command: kafkaJava([...memory, ...flags], ['kafka.Kafka', config]),
    isReady: () => accepts(node.ports.plain!),
  })
  return { ...launched, id: node.id, port: node.ports.plain! }
}

function sharedClasses(): readonly string[] {
  const archive = classArchive(findCommand('java')!)
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []
}
