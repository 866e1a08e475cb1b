import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { annotations } from './annotations.ts'
import { dashboardLinks, PLACES, type Place } from './links.ts'
import type { PanelBuilder } from './panel.ts'
import { variables } from './variables.ts'

export interface DashboardSpec {
  readonly uid: Place
  readonly description: string
  /** What is seen at once. */
  readonly panels: readonly PanelBuilder[]
  /** What is folded away, by the title of its row. */
  readonly folded: Readonly<Record<string, readonly PanelBuilder[]>>
}

/** A dashboard in Grafana's classic schema, which versions 10 to 13 read from files. */
export function assemble({ uid, description, panels, folded }: DashboardSpec): Dashboard {
  const dashboard = new DashboardBuilder(`Meshwatch: ${PLACES[uid].title.toLowerCase()}`)
    .uid(uid)
    .description(description)
    .tags(['meshwatch'])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables())
    .links(dashboardLinks(uid))
    .annotations(annotations())
  for (const panel of panels) dashboard.withPanel(panel)
  for (const [title, hidden] of Object.entries(folded)) {
    const row = new RowBuilder(title).collapsed(true)
    for (const panel of hidden) row.withPanel(panel)
    dashboard.withRow(row)
  }
  return numbered(inSight(dashboard.build()))
}

/** The SDK folds links and marks away in a menu; they belong in sight. */
function inSight(dashboard: Dashboard): Dashboard {
  const panels = (dashboard.panels ?? []).flatMap((panel) => ('panels' in panel ? panel.panels : panel))
  const links = [dashboard, ...panels].flatMap((each) => each.links ?? [])
  for (const each of [...links, ...(dashboard.annotations?.list ?? [])]) delete each.placement
  return dashboard
}

/** Ids in reading order. */
function numbered(dashboard: Dashboard): Dashboard {
  let id = 0
  for (const panel of dashboard.panels ?? []) {
    panel.id = ++id
    if ('panels' in panel) for (const hidden of panel.panels) hidden.id = ++id
  }
  return dashboard
}
