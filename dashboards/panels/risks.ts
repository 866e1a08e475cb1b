import { barGauge } from '../blocks/bar-gauge.ts'
import { cell, linkToApi } from '../blocks/links.ts'
import type { PanelBuilder } from '../blocks/panel.ts'
import { ours } from '../blocks/query.ts'
import { table } from '../blocks/table.ts'

export function riskyIdentities(): PanelBuilder {
  return table({
    title: 'Identities at risk, the first 20',
    description:
      'Callers in incidents that are not resolved, by the sum of their weights: critical 100, high 30, medium 10, low 3, info 1. A name leads to its incidents in the API.',
    unit: 'short',
    noData: 'No incident is open',
    steps: [{ from: 100, tone: 'bad', means: 'as much as a critical incident' }],
    // Every alerter reads the same store and says the same.
    expr: `topk(20, max by (identity) (${ours('identity_risk_score', 'identity!="other"')}) > 0)`,
    columns: { identity: 'Identity', Value: 'Risk' },
    cellLinks: {
      Identity: linkToApi('Its incidents', `/v1/incidents?identity=${cell('Identity')}`),
    },
  })
}

export function surprisingEdges(): PanelBuilder {
  return barGauge({
    title: 'New edges of 24 h, the 10 most surprising',
    description:
      'Callers that reached somebody for the first time, by bits of surprise: each bit halves the chance. All that were recorded, also those that opened no incident.',
    unit: 'short',
    noData: 'No new edge was surprising in 24 h',
    size: [12, 8],
    steps: [{ from: 18, tone: 'bad', means: 'of high severity' }],
    links: [linkToApi('Incidents of new edges', '/v1/incidents?detector=new-edge')],
    queries: [
      {
        expr: `topk(10, max by (edge) (max_over_time(${ours('new_edge_surprise', 'edge!="other"')}[24h])) > 0)`,
        legend: '{{edge}}',
      },
    ],
  })
}
