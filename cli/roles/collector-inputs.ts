import type { Feed } from '../../collector/feed.ts'
import type { Source } from '../../domain/ports.ts'
import type { IntakeSenders } from '../../io/intake-senders.ts'
import { presentTopics } from '../../io/kafka-absent.ts'
import { withAdmin } from '../../io/kafka-log-bounds.ts'
import type { PartitionSource, SourceTopic, TopicSources } from '../../io/kafka-source.ts'
import { allowedBy, openFeed } from '../feeds.ts'
import { expectedSenders, type Intake } from './intake.ts'
import type { Role } from './role.ts'
import { DECISIONS } from './told-source.ts'

/** What a collector reads: the configured topics, decisions of people, and input over HTTP. */
export interface Inputs {
  readonly topics: TopicSources
  readonly intake: Intake
}

/** The topics that collectors share. @throws Error when a configured source is no topic */
export function topicsOf({ config, topics }: Role): SourceTopic[] {
  for (const { name, kafka } of config.sources)
    if (kafka === undefined)
      throw new Error(
        `the source "${name}" is no topic: a collector in a process of its own reads topics; send files into one, or read them with "meshwatch run" without a role`,
      )
  const own = [
    { topic: topics.decisions.topic, name: DECISIONS, start: 'earliest' as const },
    { topic: topics.intake.topic, name: 'intake', start: 'earliest' as const },
  ]
  return [
    ...config.sources.flatMap(({ name, kafka }) =>
      kafka === undefined ? [] : [{ topic: kafka.topic, name, start: kafka.start }],
    ),
    ...own,
  ]
}

/** What there is to read now. */
export interface LaidOut {
  /** Partitions of the configured topics, and senders over HTTP. */
  readonly own: readonly Source[]
  /** Partitions of decisions. */
  readonly told: readonly PartitionSource[]
  /** Partitions with what senders over HTTP have sent. */
  readonly intake: readonly IntakeSenders[]
}

export async function layOut({ topics: all }: Role, { topics, intake }: Inputs): Promise<LaidOut> {
  const current = topics.current()
  const split = intake.split(current)
  for (const each of split) await each.fill()
  const ofTopic = (topic: string) => current.filter((source) => source.topic === topic)
  const told = ofTopic(all.decisions.topic)
  const configured = current.filter(
    (source) => !told.includes(source) && !split.some(({ partition }) => partition === source),
  )
  return { own: [...configured, ...split.flatMap((each) => each.senders())], told, intake: split }
}

/** True when the same partitions and senders are there. */
export function isSameLayout(before: LaidOut, now: LaidOut): boolean {
  const [known, current] = [new Set(inputsOf(before)), inputsOf(now)]
  return current.length === known.size && current.every((source) => known.has(source))
}

function inputsOf({ own, told, intake }: LaidOut): readonly Source[] {
  return [...own, ...told, ...intake.map(({ partition }) => partition)]
}

/** A feed of a partition, or of a sender with what it may send. */
export function feedOf(role: Role, source: Source): Feed {
  const { config } = role
  if (!isPartition(source))
    return openFeed(role, source, { format: 'auto', allows: allowedBy(config, source.name) })
  const configured = config.sources.find(({ kafka }) => kafka?.topic === source.topic)
  return openFeed(role, source, { format: configured?.format ?? 'auto' })
}

export function isPartition(source: Source): source is PartitionSource {
  return 'topic' in source
}

/** Names of all partitions of the configured topics, and of all who may send over HTTP: analyzers wait for those that nobody has read yet. */
export async function knownSources(role: Role): Promise<readonly string[]> {
  const { client, config } = role
  const senders = expectedSenders(role)
  const topics = config.sources.flatMap(({ name, kafka }) => (kafka === undefined ? [] : [{ name, kafka }]))
  const present = await presentTopics(
    client,
    topics.map(({ kafka }) => kafka.topic),
  )
  if (present.length === 0) return senders
  const metadata = await withAdmin(client, (admin) => admin.fetchTopicMetadata({ topics: [...present] }))
  const partitions = topics.flatMap(({ name, kafka }) => {
    const found = metadata.topics.find((topic) => topic.name === kafka.topic)
    return (found?.partitions ?? []).map(({ partitionId }) => `${name}/${partitionId}`)
  })
  return [...partitions, ...senders]
}
