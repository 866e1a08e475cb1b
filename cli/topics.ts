import { openKafka } from '../io/kafka.ts'
import { checkTopics, createTopics, type OwnTopicName, ownTopics } from '../io/kafka-topics.ts'
import { openLog } from '../io/log.ts'
import { loadConfig } from './load-config.ts'

/**
 * `meshwatch topics create`: creates our own topics where they are missing and says what is wrong with the others.
 * Running it again changes nothing.
 * @returns the exit code: 1 when a topic is not as it should be
 * @throws Error without `kafka` in the configuration
 */
export async function createTopicsCommand(
  { config: file }: { readonly config?: string },
  print: (line: string) => void = console.log,
): Promise<number> {
  const { kafka, log } = await loadConfig(file)
  if (kafka === undefined)
    throw new Error(
      'no brokers are configured; add kafka: { brokers: [kafka-1.example.com:9092] } to the file',
    )
  const client = openKafka(kafka, { log: openLog(log.level) })
  const created = await createTopics(client, kafka)
  for (const topic of created) print(`${topic}: created`)
  const topics = ownTopics(kafka)
  const problems = await checkTopics(client, kafka, Object.keys(topics) as OwnTopicName[])
  for (const { topic } of Object.values(topics)) {
    const wrong = problems.filter((it) => it.topic === topic)
    for (const { problem, fix } of wrong) print(`${topic}: ${problem}; ${fix}`)
    if (wrong.length === 0 && !created.includes(topic)) print(`${topic}: is there already`)
  }
  return problems.length === 0 ? 0 : 1
}
