import { GraphDrawStyle, StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common'
import type { PanelBuilder, PanelSpec } from './panel.ts'
import { countedIn } from './query.ts'
import { timeSeries } from './time-series.ts'

export interface CountedBarsSpec extends Omit<PanelSpec, 'unit' | 'interval'> {
  /** Name of a counter without the prefix. */
  readonly counter: string
  /** Label whose values stand on each other. */
  readonly by: string
  /** Values of that label, in the order of their colours. */
  readonly series: readonly string[]
  readonly matchers?: readonly string[]
  /** Values that nothing was counted of are left out, so that there is no data where that is all. */
  readonly omitsZero?: true
}

/**
 * What a counter counted, one bar a minute or longer: `$__rate_interval` is then that and one scrape, so that
 * neighbours hardly overlap.
 */
export function countedBars(spec: CountedBarsSpec): PanelBuilder {
  const { counter, by, matchers = [], omitsZero = false } = spec
  const counted = countedIn('$__rate_interval', counter, by, ...matchers)
  const expr = omitsZero ? `${counted} > 0` : counted
  return timeSeries({ ...spec, unit: 'short', interval: '1m', queries: [{ expr, legend: `{{${by}}}` }] })
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(70)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
}
