import type { GroupConsumerOptions } from '../io/kafka-group.ts'
import type { SourceTopic } from '../io/kafka-source.ts'
import type { Metrics } from '../io/metrics.ts'

/**
 * Options by which the one consumer group of a process tells what is not read yet, what was deleted before it was read,
 * and that it was given other partitions.
 * @param names what each topic is called in metrics
 */
export function meteredConsumer(
  metrics: Metrics,
  names: ReadonlyMap<string, string>,
  report: NonNullable<GroupConsumerOptions['report']>,
): Pick<GroupConsumerOptions, 'lag' | 'rebalanced' | 'report'> {
  return {
    lag: (lags) =>
      metrics.setAll(
        'consumer_lag_records',
        lags.map(({ topic, lag }) => [{ topic: names.get(topic) }, lag] as const),
        (a, b) => a + b,
      ),
    rebalanced: () => metrics.count('rebalances_total'),
    report: (change) => {
      const { kind, topic, expected, next } = change
      if (kind === 'gone') metrics.count('lost_records_total', { topic: names.get(topic) }, next - expected)
      report(change)
    },
  }
}

/** What configured topics are called: as their sources. */
export function topicNames(topics: readonly SourceTopic[]): ReadonlyMap<string, string> {
  return new Map(topics.map(({ topic, name }) => [topic, name]))
}
