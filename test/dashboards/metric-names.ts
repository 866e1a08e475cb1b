import { collectDefaultMetrics, Registry } from 'prom-client'
import { CATALOGUE } from '../../io/metric-catalogue.ts'

const HISTOGRAM_PARTS = ['_bucket', '_sum', '_count']

/** Names of the series of our metrics, by the name in the catalogue. */
export function catalogueSeries(): ReadonlyMap<string, readonly string[]> {
  return new Map(
    CATALOGUE.map(({ name, type }) => {
      const parts = type === 'histogram' ? HISTOGRAM_PARTS : ['']
      return [name, parts.map((part) => `meshwatch_${name}${part}`)]
    }),
  )
}

/** Names that a process of ours, or Prometheus itself, gives beside the catalogue. */
export async function otherSeries(): Promise<readonly string[]> {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const metrics = await register.getMetricsAsJSON()
  register.clear()
  return [...metrics.map(({ name }) => name), 'meshwatch_build_info', 'ALERTS', 'up']
}
