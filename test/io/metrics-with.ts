import { type LabelLists, MOST_VALUES } from '../../io/metric-catalogue.ts'
import { Metrics } from '../../io/metrics.ts'

/** Metrics of a process of which every list of label values has these. */
export function metricsWith(values: readonly string[]): Metrics {
  const lists = Object.fromEntries(Object.keys(MOST_VALUES).map((list) => [list, values]))
  return new Metrics({
    version: '1.2.3',
    ...(lists as unknown as LabelLists),
    beforeScrape: async () => {},
  })
}
