import { type Static, Type } from 'typebox'
import type { ExpectedDecision } from '../../domain/decision.ts'
import { MAX_IDENTITY_LENGTH } from '../../domain/identity.ts'
import type { Incident } from '../../domain/incident.ts'
import { defineRoute, type Route, type RouteReply, type RouteRequest, refuse } from '../../domain/route.ts'
import type { Desk } from '../commit.ts'
import { MAX_TEXT, moveTo } from '../life.ts'
import { changeIncident, refusal } from './change-incident.ts'
import { Detail, IfMatch, IncidentId } from './incident-schema.ts'

const DAY_MS = 86_400_000
const DEFAULT_EXPIRY_MS = 30 * DAY_MS

const Body = Type.Object(
  {
    reason: Type.String({ minLength: 1, maxLength: MAX_TEXT }),
    expiresInMs: Type.Optional(
      Type.Integer({
        description: 'how long it stays expected, in milliseconds',
        minimum: 60_000,
        maximum: 365 * DAY_MS,
        default: DEFAULT_EXPIRY_MS,
      }),
    ),
    callee: Type.Optional(
      Type.String({
        description: 'only calls to this identity, one of the incident; absent: all that its callers do',
        minLength: 1,
        maxLength: MAX_IDENTITY_LENGTH,
      }),
    ),
  },
  { additionalProperties: false },
)
const schema = { params: IncidentId, headers: IfMatch, body: Body, response: { 200: Detail } }

export function expectIncident(desk: Desk): Route {
  return defineRoute({
    method: 'POST',
    url: '/v1/incidents/:id/expected',
    permission: 'respond',
    operationId: 'expectIncident',
    summary: 'Say that this is expected behaviour: detectors are told, and the incident is resolved',
    schema,
    handle: (request) => expect(desk, request),
  })
}

async function expect(desk: Desk, request: RouteRequest<typeof schema>): Promise<RouteReply> {
  const incident = await desk.store.get(request.params.id)
  const refused = refusal(request.headers['if-match'], incident)
  if (incident === undefined || refused !== undefined) return refused!
  const { body, requester } = request
  if (body.callee !== undefined && !incident.callees.includes(body.callee))
    return refuse(422, 'foreign-callee', '"callee" must be one of the callees of the incident')
  const time = desk.clock()
  for (const decision of decisionsOf(incident, body, { author: requester.name, time }))
    await desk.store.decide(decision)
  // The decision stands from here on: a version that rises now must not leave it without the resolution.
  return changeIncident(desk, { ...request, headers: { 'if-match': '*' } }, (now) =>
    now.state === 'resolved'
      ? now
      : moveTo('resolved', now, { by: requester.name, time, reason: `expected: ${body.reason}` }),
  )
}

function decisionsOf(
  incident: Incident,
  body: Static<typeof Body>,
  made: { author: string; time: number },
): ExpectedDecision[] {
  return incident.callers.map((caller) => ({
    decision: 'expected',
    caller,
    ...(body.callee !== undefined && { callee: body.callee }),
    ...made,
    reason: body.reason,
    expiresAt: made.time + (body.expiresInMs ?? DEFAULT_EXPIRY_MS),
  }))
}
