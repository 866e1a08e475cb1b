import type { IncidentStore } from '../../domain/ports.ts'
import { defineRoute, type Route } from '../../domain/route.ts'
import { incidentDetail, noSuchIncident } from './incident-detail.ts'
import { Detail, IncidentId } from './incident-schema.ts'

export function getIncident(store: IncidentStore): Route {
  return defineRoute({
    method: 'GET',
    url: '/v1/incidents/:id',
    permission: 'view',
    operationId: 'getIncident',
    summary: 'One incident with its evidence, its explanation and its deliveries',
    schema: { params: IncidentId, response: { 200: Detail } },
    handle: async ({ params }) => {
      const incident = await store.get(params.id)
      return incident === undefined ? noSuchIncident() : incidentDetail(store, incident)
    },
  })
}
