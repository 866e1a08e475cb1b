import { type Dashboard, type Panel, panelsOf, type Target } from '../read-dashboards.ts'

/**
 * One rule of grafana/dashboard-linter. Where the linter looks at some types of panel only, ours look at all of them:
 * nothing passes here that the linter would refuse.
 */
export interface Rule {
  /** The linter's name of it. */
  readonly name: string
  /** @returns what is wrong, in words for a person */
  readonly check: (dashboard: Dashboard) => readonly string[]
}

/** How a panel names the data source that the reader chose. */
export const CHOSEN_SOURCE = ['$datasource', `\${datasource}`]

/** A rule about each panel with data. @param offence what is wrong with one, or undefined */
export function panelRule(name: string, offence: (panel: Panel) => string | undefined): Rule {
  const check = (dashboard: Dashboard) =>
    panelsOf(dashboard).flatMap((panel) => {
      const wrong = offence(panel)
      return wrong === undefined ? [] : [`${panel.title}: ${wrong}`]
    })
  return { name, check }
}

/** A rule about each query. @param offences what is wrong with one */
export function targetRule(name: string, offences: (target: Target) => readonly string[]): Rule {
  const check = (dashboard: Dashboard) =>
    panelsOf(dashboard).flatMap(({ title, targets = [] }) =>
      targets.flatMap((target) => offences(target).map((wrong) => `${title}, ${target.refId}: ${wrong}`)),
    )
  return { name, check }
}
