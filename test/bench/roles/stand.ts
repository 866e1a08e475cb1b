import { mkdirSync, writeFileSync } from 'node:fs'
import { loadConfig } from '../../../cli/load-config.ts'
import type { KafkaConfig } from '../../../domain/config/kafka.ts'
import { type KafkaClient, openKafka } from '../../../io/kafka.ts'
import { createTopics, type OwnTopic, ownTopics } from '../../../io/kafka-topics.ts'
import { openLog } from '../../../io/log.ts'
import { kafkaConfig, makeTopic } from '../../io/kafka-log.ts'
import { startKafka } from '../../servers/kafka.ts'
import { serverFolder } from '../../servers/leave-nothing.ts'
import { startRedis } from '../../servers/redis.ts'
import { openPager, type Pager } from './pager.ts'

/** One broker, one Redis and one receiver of webhooks, for deployments that know nothing of each other. */
export interface Stand {
  readonly client: KafkaClient
  readonly brokers: readonly string[]
  readonly pager: Pager
  /** A deployment that reads these topics; what is not about its surroundings is at its default. */
  deploy(name: string, sources: readonly string[]): Promise<Deployment>
  stop(): Promise<void>
}

export interface Deployment {
  /** Of the configuration file. */
  readonly path: string
  readonly kafka: KafkaConfig
}

export async function openStand(): Promise<Stand> {
  const [kafka, redis, pager] = await Promise.all([
    startKafka(),
    startRedis({ settings: { maxmemory: '4gb' } }),
    openPager(),
  ])
  const brokers = kafka.bootstrap
  const folder = serverFolder('bench-roles')
  const client = openKafka(kafkaConfig(brokers), { log: openLog('error') })
  const around = { folder, brokers, redis: `127.0.0.1:${redis.port}`, webhook: pager.url }
  return {
    client,
    brokers,
    pager,
    deploy: async (name, sources) => {
      const deployment = await writeConfig(name, sources, around)
      const { stream } = ownTopics(deployment.kafka)
      await makeTopic(client, stream.topic, stampedByBroker(stream))
      await createTopics(client, deployment.kafka)
      return deployment
    },
    stop: async () => {
      await Promise.all([kafka.stop(), redis.stop(), pager.close()])
    },
  }
}

/** Its records then tell when they were in the log. */
const stampedByBroker = ({ partitions, settings }: OwnTopic) => ({
  partitions,
  settings: { ...settings, 'message.timestamp.type': 'LogAppendTime' },
})

interface Around {
  readonly folder: string
  readonly brokers: readonly string[]
  readonly redis: string
  readonly webhook: string
}

async function writeConfig(name: string, sources: readonly string[], around: Around): Promise<Deployment> {
  const folder = `${around.folder}/${name}`
  mkdirSync(folder)
  writeFileSync(`${folder}/secret`, `whsec_${'A'.repeat(32)}`)
  writeFileSync(`${folder}/bearer.key`, 'f'.repeat(64))
  const path = `${folder}/meshwatch.yaml`
  writeFileSync(
    path,
    `bearerKey: { file: ${folder}/bearer.key }
kafka: { brokers: [${around.brokers.join(', ')}], group: ${name}, topicPrefix: ${name}., replicationFactor: 1 }
redis: { address: "${around.redis}", namespace: ${name} }
sources: [${sources.map((topic) => `{ kafka: { topic: ${topic} }, name: ${topic} }`).join(', ')}]
api: { enabled: false }
intake: { enabled: false }
metrics: { enabled: false }
alerter:
  endpoints:
    - { name: pager, webhook: { url: "${around.webhook}", secrets: [{ file: ${folder}/secret }] } }
`,
  )
  const { kafka } = await loadConfig(path)
  return { path, kafka: kafka! }
}
