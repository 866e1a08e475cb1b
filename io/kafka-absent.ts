import type { KafkaClient } from './kafka.ts'
import type { Consuming } from './kafka-group.ts'
import { withAdmin } from './kafka-log-bounds.ts'

/** Those of the topics that are there. Asked for by name, they would be made where brokers make what is asked for. */
export async function presentTopics(
  client: KafkaClient,
  topics: readonly string[],
): Promise<readonly string[]> {
  const all = new Set(await withAdmin(client, (admin) => admin.listTopics()))
  return topics.filter((topic) => all.has(topic))
}

/** Finds out which topics can be read, where some may be absent, and tells which cannot. */
export async function findTopics(consuming: Consuming): Promise<void> {
  const { client, options } = consuming
  if (options.absent === undefined) return
  consuming.topics = await presentTopics(client, options.topics)
  options.absent(absentOf(consuming))
}

/** Looks for topics that were absent until one is there. Brokers that do not answer are asked again. */
export function watchAbsent(consuming: Consuming, appeared: () => void): { close(): void } {
  const look = async () => {
    const absent = absentOf(consuming)
    if (absent.length > 0 && (await presentTopics(consuming.client, absent)).length > 0) appeared()
  }
  const timer = setInterval(() => void look().catch(() => {}), consuming.limits.lookMs)
  return { close: () => clearInterval(timer) }
}

function absentOf({ options, topics }: Consuming): readonly string[] {
  return options.topics.filter((topic) => !topics.includes(topic))
}
