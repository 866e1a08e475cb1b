import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCommand } from './find-command.ts'
import { freePorts } from './free-ports.ts'
import { classArchive, KAFKA_HOME, kafkaJava, whyNoKafka } from './kafka-files.ts'
import { type KafkaNode, kafkaProperties } from './kafka-properties.ts'
import { removeFolder, serverFolder } from './leave-nothing.ts'
import { type ServerProcess, serverProcess } from './process.ts'
import { accepts } from './ready.ts'

export interface KafkaOptions {
  /** Each is broker and controller. Default 1. */
  readonly brokers?: 1 | 3
  /** For the Java machine, beside the usual ones. */
  readonly flags?: readonly string[]
}

export interface Broker extends ServerProcess {
  readonly id: number
  /** Of 127.0.0.1; the same after a new start. */
  readonly port: number
}

export interface Kafka {
  /** `host:port` of each broker. */
  readonly bootstrap: readonly string[]
  readonly brokers: readonly Broker[]
  /** Ends all brokers at once (what they hold is thrown away) and removes what they wrote. */
  stop(): Promise<void>
}

/** Starts a new, empty cluster. @throws when Kafka cannot be had here, or is not ready after 60 s */
export async function startKafka({ brokers: count = 1, flags = [] }: KafkaOptions = {}): Promise<Kafka> {
  const reason = whyNoKafka()
  if (reason !== undefined) throw new Error(reason)
  const folder = serverFolder('kafka')
  const ports = await freePorts(count * 2)
  const nodes = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    port: ports[index],
    controllerPort: ports[count + index],
    folder: join(folder, `${index + 1}`),
  }))
  const brokers = nodes.map((node) => broker(node, nodes, [...sharedClasses(), ...flags]))
  const stop = async (): Promise<void> => {
    await Promise.all(brokers.map((it) => it.kill()))
    removeFolder(folder)
  }
  try {
    await Promise.all(brokers.map((it) => it.start()))
  } catch (error) {
    await stop()
    throw error
  }
  return { bootstrap: nodes.map(({ port }) => `127.0.0.1:${port}`), brokers, stop }
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
    isReady: () => accepts(node.port),
  })
  return { ...launched, id: node.id, port: node.port }
}

function sharedClasses(): readonly string[] {
  const archive = classArchive(findCommand('java')!)
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []
}
