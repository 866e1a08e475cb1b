import { Type } from 'typebox'
import { defineRoute, type Route } from '../domain/route.ts'
import { VISIBILITIES } from '../domain/visibility.ts'
import type { Coverage } from './coverage.ts'

export const COVERAGE_URL = '/v1/coverage'

const Shown = Type.Array(Type.Union(VISIBILITIES.map((visibility) => Type.Literal(visibility))))

const Answer = Type.Object({
  detectors: Type.Array(
    Type.Object({
      detector: Type.String(),
      canEvaluate: Type.Boolean({ description: 'false before the first event' }),
      lacks: Type.Array(Shown.items, { description: 'what it needs and no source has shown' }),
    }),
  ),
  sources: Type.Array(
    Type.Object({
      source: Type.String(),
      format: Type.String({ description: 'auto until the first record was recognised' }),
      records: Type.Integer({ description: 'read since the process started' }),
      events: Type.Integer(),
      rejects: Type.Integer(),
      shows: Shown,
    }),
  ),
})

/** What can be seen and what cannot. @param coverage as it is at the request */
export function coverageRoute(coverage: () => Coverage): Route {
  return defineRoute({
    method: 'GET',
    url: COVERAGE_URL,
    permission: 'view',
    operationId: 'getCoverage',
    summary: 'Which detectors can evaluate, and what each source shows',
    schema: { response: { 200: Answer } },
    handle: async () => ({ status: 200, body: coverage() }),
  })
}
