import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { ask, dress, type PanelSpec } from './panel.ts'
import type { Query } from './query.ts'
import { LINE_COLOURS, LINE_FILLS } from './tone.ts'

export interface TimeSeriesSpec extends PanelSpec {
  readonly queries: readonly Query[]
  /** Names of the series, in the order of their colours; the legends of the queries when absent. */
  readonly series?: readonly string[]
}

/** Values over time. It begins at 0: what is never negative is not stretched to look dramatic. */
export function timeSeries(spec: TimeSeriesSpec): PanelBuilder {
  const panel = dress(new PanelBuilder(), spec)
    .min(0)
    .lineWidth(2)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
  if (spec.steps !== undefined)
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
  colourSeries(panel, spec)
  ask(panel, spec.queries, 'line')
  return panel
}

/** Four colours that all eyes tell apart; after them the same ones, dashed, then dotted. */
function colourSeries(panel: PanelBuilder, spec: TimeSeriesSpec): void {
  const { queries, series = queries.map(({ legend }) => legend) } = spec
  for (const [at, name] of series.entries()) {
    const round = Math.floor(at / LINE_COLOURS.length) % LINE_FILLS.length
    const style =
      LINE_FILLS[round] === 'solid' ? { fill: 'solid' } : { fill: LINE_FILLS[round], dash: [6, 6] }
    const fixedColor = LINE_COLOURS[at % LINE_COLOURS.length]
    panel.overrideByName(name, [
      { id: 'color', value: { mode: 'fixed', fixedColor } },
      { id: 'custom.lineStyle', value: style },
    ])
  }
}
