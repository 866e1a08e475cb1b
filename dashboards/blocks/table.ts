import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { ask, dress, type PanelLink, type PanelSpec } from './panel.ts'

export interface TableSpec extends PanelSpec {
  readonly expr: string
  /** Column titles by label, in order; `Value` is the number. Labels that are not named are not shown. */
  readonly columns: Readonly<Record<string, string>>
  /** Where a cell of a column leads, by column title. */
  readonly cellLinks?: Readonly<Record<string, PanelLink>>
}

/** One row a series, as of now, the largest value first. */
export function table(spec: TableSpec): PanelBuilder {
  const { expr, columns, cellLinks = {} } = spec
  const panel = dress(new PanelBuilder(), spec)
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(Object.keys(columns).map((label, at) => [label, at])),
        renameByName: columns,
      },
    })
    .sortBy([new TableSortByFieldStateBuilder().displayName(columns['Value']).desc(true)])
  for (const [column, { title, url }] of Object.entries(cellLinks))
    panel.overrideByName(column, [{ id: 'links', value: [{ title, url, targetBlank: true }] }])
  if (spec.steps !== undefined)
    panel.overrideByName(columns['Value'], [{ id: 'custom.cellOptions', value: { type: 'color-text' } }])
  ask(panel, [{ expr, legend: '' }], 'table')
  return panel
}
