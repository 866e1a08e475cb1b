import type { GroupConsumerOptions } from '../io/kafka-group.ts'
import type { SourceTopic } from '../io/kafka-source.ts'
import type { Metrics } from '../io/metrics.ts'

/**
 * Options by which the one consumer group of a process tells what is not read yet, and that it was given other
 * partitions.
 * @param names what each topic is called in metrics
 */
export function meteredConsumer(
  metrics: Metrics,
  names: ReadonlyMap<string, string>,
): Pick<GroupConsumerOptions, 'lag' | 'rebalanced'> {
  return {
    lag: (lags) =>
      metrics.setAll(
        'consumer_lag_records',
        lags.map(({ topic, lag }) => [{ topic: names.get(topic) }, lag] as const),
        (a, b) => a + b,
      ),
    rebalanced: () => metrics.count('rebalances_total'),
  }
}

/** What configured topics are called: as their sources. */
export function topicNames(topics: readonly SourceTopic[]): ReadonlyMap<string, string> {
  return new Map(topics.map(({ topic, name }) => [topic, name]))
}
