import type { Route } from '../domain/route.ts'
import { PROBLEM_TYPE, ProblemDocument } from './http-problem.ts'

/** The head of the OpenAPI document. */
export function openApiInfo(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Meshwatch',
      version,
      description:
        'Incidents of service-to-service traffic and machine credentials. Problems are RFC 9457 documents. A change of an incident needs If-Match with its ETag, which is its version.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'a token of the configuration' },
      },
    },
  } as const
}

/** What one route says of itself: the framework validates by it and the document is made from it. */
export function routeDocument(route: Route) {
  const { params, query, headers, body, response } = route.schema
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.permission !== 'none' && { security: [{ token: [] }] }),
    ...(params && { params }),
    ...(query && { querystring: query }),
    ...(headers && { headers }),
    ...(body && { body }),
    ...(route.acceptsBytes && { consumes: [...route.acceptsBytes] }),
    response: { ...answersOf(response), default: PROBLEM },
  }
}

const PROBLEM = {
  description: 'why the request was refused',
  content: { [PROBLEM_TYPE]: { schema: ProblemDocument } },
}

function answersOf(response: Route['schema']['response']): Record<string, object> {
  return Object.fromEntries(
    Object.entries(response).map(([status, schema]) => [
      status,
      {
        description: status < '300' ? 'done' : 'not now',
        content: { 'application/json': { schema } },
      },
    ]),
  )
}
