import { type Static, Type } from 'typebox'
import { MAX_IDENTITY_LENGTH } from '../../domain/identity.ts'
import { isPlausible, parseInstant } from '../../domain/instant.ts'
import type { IncidentFilter, IncidentStore } from '../../domain/ports.ts'
import { defineRoute, type Route, type RouteReply, refuse } from '../../domain/route.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { SeverityWord, State, Summary } from './incident-schema.ts'

const DEFAULT_LIMIT = 50
const Instant = (description: string) =>
  Type.Optional(Type.String({ description: `${description}: epoch milliseconds or RFC 3339`, maxLength: 40 }))

const Query = Type.Object(
  {
    state: Type.Optional(Type.Union([State, Type.Array(State, { maxItems: 3 })])),
    severity: Type.Optional(Type.Union([SeverityWord, Type.Array(SeverityWord, { maxItems: 5 })])),
    detector: Type.Optional(Type.String({ pattern: '^[a-z0-9-]{1,64}$' })),
    identity: Type.Optional(
      Type.String({ description: 'caller or callee, whole', minLength: 1, maxLength: MAX_IDENTITY_LENGTH }),
    ),
    since: Instant('opened at or after'),
    until: Instant('opened at or before'),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: DEFAULT_LIMIT })),
    cursor: Type.Optional(Type.String({ description: '`next` of the page before', maxLength: 100 })),
  },
  { additionalProperties: false },
)

const Page = Type.Object({
  incidents: Type.Array(Summary),
  next: Type.Optional(Type.String({ description: 'cursor of the next page; absent on the last' })),
})

export function listIncidents(store: IncidentStore, hmacHex: (text: string) => string): Route {
  return defineRoute({
    method: 'GET',
    url: '/v1/incidents',
    permission: 'view',
    operationId: 'listIncidents',
    summary: 'Incidents, newest first',
    schema: { query: Query, response: { 200: Page } },
    handle: ({ query }) => list(store, query, hmacHex),
  })
}

async function list(
  store: IncidentStore,
  query: Static<typeof Query>,
  hmacHex: (text: string) => string,
): Promise<RouteReply> {
  const filter = filterOf(query)
  if (!isSound(filter.since) || !isSound(filter.until))
    return refuse(400, 'invalid-time', '"since" and "until" take epoch milliseconds or RFC 3339 with a zone')
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor, filter, hmacHex)
  if (query.cursor !== undefined && after === undefined)
    return refuse(400, 'invalid-cursor', 'the cursor is not one that this list gave for these filters')
  const page = await store.list(filter, query.limit ?? DEFAULT_LIMIT, after)
  const next = page.next && { next: writeCursor(page.next, filter, hmacHex) }
  return { status: 200, body: { incidents: page.incidents, ...next } }
}

function filterOf(query: Static<typeof Query>): IncidentFilter {
  return {
    ...(query.state !== undefined && { state: [query.state].flat() }),
    ...(query.severity !== undefined && { severity: [query.severity].flat() }),
    ...(query.detector !== undefined && { detector: query.detector }),
    ...(query.identity !== undefined && { identity: query.identity }),
    ...(query.since !== undefined && { since: instant(query.since) }),
    ...(query.until !== undefined && { until: instant(query.until) }),
  }
}

function instant(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : parseInstant(text)
}

function isSound(time: number | undefined): boolean {
  return time === undefined || isPlausible(time)
}
