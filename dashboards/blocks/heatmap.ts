import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap'
import { ask, dress, type PanelSpec } from './panel.ts'
import { ours } from './query.ts'
import { TONES } from './tone.ts'

export interface HeatmapSpec extends PanelSpec {
  /** Name of a histogram without the prefix. */
  readonly histogram: string
}

/** How many observations of a histogram fell between which bounds when: the more, the darker. */
export function heatmap(spec: HeatmapSpec): PanelBuilder {
  const panel = dress(new PanelBuilder(), { ...spec, interval: '1m' })
    .calculate(false)
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Opacity).fill(TONES.good))
    .yAxis(new YAxisConfigBuilder().unit(spec.unit))
    .showLegend()
  const expr = `sum by (le) (increase(${ours(`${spec.histogram}_bucket`)}[$__rate_interval]))`
  ask(panel, [{ expr, legend: '{{le}}' }], 'heatmap')
  return panel
}
