import { Type } from 'typebox'
import { defineRoute, type Route } from '../../domain/route.ts'
import type { Desk } from '../commit.ts'
import { comment, MAX_TEXT } from '../life.ts'
import { changeIncident } from './change-incident.ts'
import { Detail, IfMatch, IncidentId } from './incident-schema.ts'

const Body = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: MAX_TEXT }) },
  { additionalProperties: false },
)

export function commentIncident(desk: Desk): Route {
  return defineRoute({
    method: 'POST',
    url: '/v1/incidents/:id/comments',
    permission: 'respond',
    operationId: 'commentIncident',
    summary: 'Leave a note for the next reader',
    schema: { params: IncidentId, headers: IfMatch, body: Body, response: { 200: Detail } },
    handle: (request) =>
      changeIncident(desk, request, (incident) =>
        comment(incident, {
          by: request.requester.name,
          time: desk.clock(),
          reason: request.body.text,
        }),
      ),
  })
}
