import { Type } from 'typebox'
import { defineRoute, type Route } from '../../domain/route.ts'
import type { Desk } from '../commit.ts'
import { MAX_TEXT, moveTo } from '../life.ts'
import { alreadyResolved, changeIncident } from './change-incident.ts'
import { Detail, IfMatch, IncidentId } from './incident-schema.ts'

const Body = Type.Object(
  { reason: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_TEXT })) },
  { additionalProperties: false },
)

export function resolveIncident(desk: Desk): Route {
  return defineRoute({
    method: 'POST',
    url: '/v1/incidents/:id/resolve',
    permission: 'respond',
    operationId: 'resolveIncident',
    summary: 'Say that it is over',
    schema: { params: IncidentId, headers: IfMatch, body: Body, response: { 200: Detail } },
    handle: (request) =>
      changeIncident(desk, request, (incident) =>
        incident.state === 'resolved'
          ? alreadyResolved()
          : moveTo('resolved', incident, {
              by: request.requester.name,
              time: desk.clock(),
              ...request.body,
            }),
      ),
  })
}
