import { Type } from 'typebox'
import { defineRoute, type Route, refuse } from '../../domain/route.ts'
import type { Desk } from '../commit.ts'
import { MAX_TEXT, moveTo } from '../life.ts'
import { alreadyResolved, changeIncident } from './change-incident.ts'
import { Detail, IfMatch, IncidentId } from './incident-schema.ts'

const Body = Type.Object(
  { reason: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_TEXT })) },
  { additionalProperties: false },
)

export function acknowledgeIncident(desk: Desk): Route {
  return defineRoute({
    method: 'POST',
    url: '/v1/incidents/:id/acknowledge',
    permission: 'respond',
    operationId: 'acknowledgeIncident',
    summary: 'Say that somebody is on it',
    schema: { params: IncidentId, headers: IfMatch, body: Body, response: { 200: Detail } },
    handle: (request) =>
      changeIncident(desk, request, (incident) => {
        if (incident.state === 'resolved') return alreadyResolved()
        if (incident.state === 'acknowledged')
          return refuse(409, 'already-acknowledged', 'somebody is on it already: see the transitions')
        return moveTo('acknowledged', incident, {
          by: request.requester.name,
          time: desk.clock(),
          ...request.body,
        })
      }),
  })
}
