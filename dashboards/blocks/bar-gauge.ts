import { PanelBuilder } from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BarGaugeDisplayMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common'
import { ask, dress, type PanelSpec } from './panel.ts'
import type { Query } from './query.ts'

export interface BarGaugeSpec extends PanelSpec {
  readonly queries: readonly Query[]
}

/** One bar a series, as of now. */
export function barGauge(spec: BarGaugeSpec): PanelBuilder {
  const panel = dress(new PanelBuilder(), spec)
    .min(0)
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  ask(panel, spec.queries, 'now')
  return panel
}
