import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardLinkBuilder,
  type Panel,
  type ThresholdsConfig,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import type { Query } from './query.ts'
import { type Step, stepsInWords, thresholdsOf } from './steps.ts'

/** What every panel says of itself. */
export interface PanelSpec {
  readonly title: string
  /** What is shown, and what a person does when it looks bad. */
  readonly description: string
  /** A unit of Grafana: `s`, `cps`, `short`, `percentunit`, `bytes` … */
  readonly unit: string
  /** Shown where there is no data: what to do about it. */
  readonly noData: string
  /** From where on a value is worth a look, and why. */
  readonly steps?: readonly Step[]
  /** Columns (of 24) and rows; a third of the width when absent, of a number a sixth. */
  readonly size?: readonly [width: number, height: number]
  readonly links?: readonly PanelLink[]
  /** The least time that a point is of, such as `1m`. */
  readonly interval?: string
}

/** Where a panel leads. */
export interface PanelLink {
  readonly title: string
  readonly url: string
}

/** A panel that is not built yet. */
export type PanelBuilder = Builder<Panel>

/** What all panel builders of the SDK have in common. */
interface Dressable extends PanelBuilder {
  title(title: string): unknown
  description(description: string): unknown
  unit(unit: string): unknown
  noValue(text: string): unknown
  span(columns: number): unknown
  height(rows: number): unknown
  datasource(datasource: DataSourceRef): unknown
  thresholds(thresholds: Builder<ThresholdsConfig>): unknown
  interval(least: string): unknown
  links(links: Builder<ReturnType<DashboardLinkBuilder['build']>>[]): unknown
  withTarget(target: Builder<Dataquery>): unknown
}

/** The data source that the reader chose. */
export const DATASOURCE: DataSourceRef = { type: 'prometheus', uid: `\${datasource}` }

/** Puts on a panel what all panels have. @returns the same builder */
export function dress<Panel extends Dressable>(panel: Panel, spec: PanelSpec): Panel {
  const { title, description, unit, noData, steps = [], size = [8, 8], links = [], interval } = spec
  panel.title(title)
  panel.description([description, stepsInWords(steps, unit)].filter(Boolean).join('\n\n'))
  panel.unit(unit)
  panel.noValue(noData)
  panel.span(size[0])
  panel.height(size[1])
  panel.datasource(DATASOURCE)
  panel.thresholds(thresholdsOf(steps))
  panel.links(links.map(({ title, url }) => new DashboardLinkBuilder(title).url(url).targetBlank(true)))
  if (interval !== undefined) panel.interval(interval)
  return panel
}

/**
 * `line`: over the time range. `now`: at its end only. `table`: at its end, one row a series. `heatmap`: over the time
 * range, the bounds of a histogram taken apart.
 */
export type Asked = 'line' | 'now' | 'table' | 'heatmap'

/** Adds queries A, B, C … */
export function ask(panel: Dressable, queries: readonly Query[], asked: Asked): void {
  for (const [at, { expr, legend, exemplar = false }] of queries.entries()) {
    const query = new DataqueryBuilder()
      .datasource(DATASOURCE)
      .refId(String.fromCharCode(65 + at))
      .expr(expr)
      .legendFormat(legend)
    if (exemplar) query.exemplar(true)
    if (asked === 'line' || asked === 'heatmap') query.range()
    else query.instant()
    if (asked === 'heatmap') query.format(PromQueryFormat.Heatmap)
    if (asked === 'table') query.format(PromQueryFormat.Table)
    panel.withTarget(query)
  }
}
