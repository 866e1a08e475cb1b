import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

// What the tests read of Grafana's classic schema. It is read from the files, not from the builders: files ship.

export interface Datasource {
  readonly type?: string
  readonly uid?: string
}

export interface Target {
  readonly refId: string
  readonly expr: string
  readonly datasource?: Datasource
  readonly instant?: boolean
  readonly exemplar?: boolean
  readonly legendFormat?: string
}

export interface Link {
  readonly title: string
  readonly url: string
  readonly type?: string
  readonly includeVars?: boolean
  readonly keepTime?: boolean
}

export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly collapsed?: boolean
  readonly datasource?: Datasource
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly Target[]
  readonly links?: readonly Link[]
  readonly panels?: readonly Panel[]
  readonly fieldConfig: {
    readonly defaults: { readonly unit?: string; readonly noValue?: string }
    readonly overrides: readonly { readonly properties: readonly { id: string; value?: unknown }[] }[]
  }
}

export interface Variable {
  readonly name: string
  readonly label?: string
  readonly type: string
  readonly query: string
  readonly datasource?: Datasource
  readonly multi?: boolean
  readonly allValue?: string
  readonly refresh?: number
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly editable?: boolean
  readonly refresh: string
  readonly time: { readonly from: string; readonly to: string }
  readonly links: readonly Link[]
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
  readonly annotations: { readonly list: readonly { name: string; expr: string; datasource?: Datasource }[] }
}

/** A dashboard with the name and the text of its file. */
export interface DashboardFile {
  readonly name: string
  readonly text: string
  readonly dashboard: Dashboard
}

/** Every dashboard in the repository. */
export function readDashboards(): readonly DashboardFile[] {
  return globSync('dashboards/*.json')
    .sort()
    .map((path) => {
      const text = readFileSync(path, 'utf8')
      return { name: basename(path, '.json'), text, dashboard: JSON.parse(text) }
    })
}

/** Panels with data, also those that are folded away. */
export function panelsOf({ panels }: Dashboard): readonly Panel[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]))
}

/** Every expression of a dashboard, with words that say where it stands. */
export function expressionsOf(
  dashboard: Dashboard,
): readonly { readonly at: string; readonly expr: string }[] {
  return [
    ...panelsOf(dashboard).flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr }) => ({ at: `${title}, ${refId}`, expr })),
    ),
    ...dashboard.annotations.list.map(({ name, expr }) => ({ at: `mark ${name}`, expr })),
  ]
}
