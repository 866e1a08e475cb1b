import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'
import type { PanelLink } from './panel.ts'

/** The dashboards, in the order in which somebody on call needs them. */
export const PLACES = {
  'meshwatch-security-overview': {
    title: 'Security overview',
    tooltip: 'What was found, and whether silence can be trusted',
  },
  'meshwatch-credentials': { title: 'Credentials', tooltip: 'Issued, presented, refused' },
  'meshwatch-pipeline-health': { title: 'Pipeline health', tooltip: 'From the sources to the findings' },
  'meshwatch-paging-health': { title: 'Paging health', tooltip: 'From the incident to the person' },
} as const

export type Place = keyof typeof PLACES

/** From a panel to an answer of the API. @param path with its query */
export function linkToApi(title: string, path: string): PanelLink {
  return { title: `${title} (API)`, url: `\${api:raw}${path}` }
}

/** The incidents that nobody has taken yet. */
export const OPEN_INCIDENTS = linkToApi('Open incidents', '/v1/incidents?state=open')
/** What each detector can see, and what it lacks. */
export const COVERAGE = linkToApi('Coverage', '/v1/coverage')

/** Links above a dashboard: to all others with time and variables kept, and to the API. */
export function dashboardLinks(here: Place): DashboardLinkBuilder[] {
  const others = (Object.keys(PLACES) as Place[]).filter((place) => place !== here)
  return [
    ...others.map((place) =>
      new DashboardLinkBuilder(PLACES[place].title)
        .type(DashboardLinkType.Link)
        .icon('dashboard')
        .tooltip(PLACES[place].tooltip)
        .url(`/d/${place}`)
        .keepTime(true)
        .includeVars(true),
    ),
    new DashboardLinkBuilder(OPEN_INCIDENTS.title)
      .type(DashboardLinkType.Link)
      .icon('external link')
      .tooltip('The incidents themselves, with reasons and evidence; needs a token where one is configured')
      .url(OPEN_INCIDENTS.url)
      .targetBlank(true),
  ]
}

/** Value of another column in the same row of a table, for a link. */
export function cell(column: string): string {
  return `\${__data.fields.${column}}`
}

/** From a panel to another dashboard, with time and variables kept. */
export function linkTo(place: Place): PanelLink {
  return { title: PLACES[place].title, url: `/d/${place}?\${__url_time_range}&\${__all_variables}` }
}
