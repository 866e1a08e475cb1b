import type { KafkaAdmin } from './kafka.ts'
import { TOPIC_RESOURCE } from './kafka-log-bounds.ts'
import type { OwnTopic, TopicProblem } from './kafka-topics.ts'

/** Compares topics that are there with what they should be: partitions, clean-up, longest record batch. */
export async function differences(
  admin: KafkaAdmin,
  topics: readonly OwnTopic[],
): Promise<readonly TopicProblem[]> {
  if (topics.length === 0) return []
  const names = topics.map(({ topic }) => topic)
  const [metadata, settings] = await Promise.all([
    admin.fetchTopicMetadata({ topics: names }),
    settingsOf(admin, names),
  ])
  return topics.flatMap((wanted) => {
    const count = metadata.topics.find(({ name }) => name === wanted.topic)?.partitions.length ?? 0
    return [...partitionProblem(wanted, count), ...settingProblems(wanted, settings.get(wanted.topic))]
  })
}

async function settingsOf(
  admin: KafkaAdmin,
  topics: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: TOPIC_RESOURCE, name })),
  })
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  )
}

function partitionProblem({ topic, partitions }: OwnTopic, count: number): readonly TopicProblem[] {
  if (count === partitions) return []
  const key = ['stream', 'findings', 'intake'].find((name) => topic.endsWith(name))
  const fix =
    key === undefined
      ? 'delete the topic and run "meshwatch topics create": it must have one partition'
      : `set kafka.partitions.${key} to ${count}; a new count needs a new topicPrefix or a rebuild`
  return [{ topic, problem: `the topic has ${count} partitions, the configuration says ${partitions}`, fix }]
}

function settingProblems(
  { topic, settings }: OwnTopic,
  found: ReadonlyMap<string, string> | undefined,
): readonly TopicProblem[] {
  const change = (name: string, value: string) => `set ${name}=${value} with kafka-configs`
  const problems: TopicProblem[] = []
  const policy = found?.get('cleanup.policy')
  if (policy !== undefined && policy !== settings['cleanup.policy'])
    problems.push({
      topic,
      problem: `cleanup.policy is ${policy}: records would be lost or kept for ever`,
      fix: change('cleanup.policy', settings['cleanup.policy']),
    })
  const longest = Number(found?.get('max.message.bytes') ?? Number.POSITIVE_INFINITY)
  if (longest < Number(settings['max.message.bytes']))
    problems.push({
      topic,
      problem: `max.message.bytes is ${longest}, the configuration says ${settings['max.message.bytes']}`,
      fix: change('max.message.bytes', settings['max.message.bytes']),
    })
  return problems
}
