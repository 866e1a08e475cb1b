import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaConfig } from '../domain/config/kafka.ts'
import type { KafkaAdmin, KafkaClient } from './kafka.ts'
import { kafkaError } from './kafka-failure.ts'
import { withAdmin } from './kafka-log-bounds.ts'
import { differences } from './kafka-topic-check.ts'

/** One of our own topics as it should be. */
export interface OwnTopic {
  readonly topic: string
  readonly partitions: number
  readonly settings: Readonly<Record<string, string>>
}

export type OwnTopicName = 'stream' | 'facts' | 'decisions' | 'findings' | 'incidents' | 'rejects' | 'intake'

/** A topic that is not as it should be, and what to do. */
export interface TopicProblem {
  readonly topic: string
  readonly problem: string
  readonly fix: string
}

const HOUR_MS = 3_600_000

/** Our own topics, as the configuration wants them. */
export function ownTopics(config: KafkaConfig): Readonly<Record<OwnTopicName, OwnTopic>> {
  const { partitions, retention } = config
  const kept = (name: OwnTopicName, count: number, hours: number) =>
    ownTopic(config, name, count, { 'cleanup.policy': 'delete', 'retention.ms': String(hours * HOUR_MS) })
  return {
    stream: kept('stream', partitions.stream, retention.streamHours),
    facts: kept('facts', 1, retention.factsHours),
    decisions: kept('decisions', 1, retention.decisionsHours),
    findings: kept('findings', partitions.findings, retention.findingsHours),
    incidents: ownTopic(config, 'incidents', 1, { 'cleanup.policy': 'compact' }),
    rejects: kept('rejects', 1, retention.rejectsHours),
    intake: kept('intake', partitions.intake, retention.intakeHours),
  }
}

function ownTopic(
  { topicPrefix, replicationFactor, maxBatchBytes }: KafkaConfig,
  name: OwnTopicName,
  partitions: number,
  cleanup: Readonly<Record<string, string>>,
): OwnTopic {
  const settings = {
    ...cleanup,
    'max.message.bytes': String(maxBatchBytes),
    // A record that is acknowledged is on two brokers, and one of three may be away.
    'min.insync.replicas': replicationFactor >= 3 ? '2' : '1',
  }
  return { topic: `${topicPrefix}${name}`, partitions, settings }
}

/**
 * Creates those of our own topics that are missing, and leaves the others as they are.
 * @returns names of the topics that were created
 * @throws WorldError `kafka-topics` with the reason of the brokers
 */
export async function createTopics(client: KafkaClient, config: KafkaConfig): Promise<readonly string[]> {
  return withAdmin(client, async (admin) => {
    const there = new Set(await admin.listTopics())
    const missing = Object.values(ownTopics(config)).filter(({ topic }) => !there.has(topic))
    if (missing.length === 0) return []
    const topics = missing.map(({ topic, partitions, settings }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: config.replicationFactor,
      configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
    }))
    await admin.createTopics({ topics, waitForLeaders: false }).catch((error: unknown) => {
      throw kafkaError('kafka-topics', 'cannot create the topics', firstReason(error))
    })
    const created = missing.map(({ topic }) => topic)
    await untilLed(admin, created)
    return created
  })
}

const LEADER_DEADLINE_MS = 30_000

/**
 * Waits until every partition of these topics has a leader. kafkajs's own waiting fails when it asks a broker that has
 * not heard of a new topic yet.
 * @throws the last answer after 30 s
 */
export async function untilLed(admin: KafkaAdmin, topics: readonly string[]): Promise<void> {
  for (const deadline = performance.now() + LEADER_DEADLINE_MS; ; ) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] })
      if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await sleep(50)
  }
}

/** kafkajs gathers the answers for several topics in one error, which itself says nothing. */
function firstReason(error: unknown): unknown {
  if (error instanceof Error && 'errors' in error && Array.isArray(error.errors)) return error.errors[0]
  return error
}

/** Looks at the topics that a role needs. @returns what is wrong with them; nothing when all is well */
export async function checkTopics(
  client: KafkaClient,
  config: KafkaConfig,
  names: readonly OwnTopicName[],
): Promise<readonly TopicProblem[]> {
  const all = ownTopics(config)
  return withAdmin(client, async (admin) => {
    const there = new Set(await admin.listTopics())
    const wanted = names.map((name) => all[name])
    const found = wanted.filter(({ topic }) => there.has(topic))
    const missing = wanted.filter(({ topic }) => !there.has(topic))
    return [...missing.map(missingProblem), ...(await differences(admin, found))]
  })
}

const missingProblem = ({ topic }: OwnTopic): TopicProblem => ({
  topic,
  problem: 'the topic is missing',
  fix: 'run "meshwatch topics create" with this configuration',
})
