import { Type } from 'typebox'
import { defineRoute, type Route } from '../domain/route.ts'

/** Something that keeps the process from doing its work now. */
export interface NotReady {
  /** Kebab-case, from a closed list: a metric label as well. */
  readonly reason: string
  readonly detail: string
}

const Ready = Type.Object({
  ready: Type.Boolean(),
  reasons: Type.Array(Type.Object({ reason: Type.String(), detail: Type.String() })),
})

/** Whether the process lives, and whether it can do its work: open to everybody, and without secrets. */
export function probeRoutes(notReady: () => readonly NotReady[]): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      url: '/livez',
      permission: 'none',
      operationId: 'live',
      summary: 'Whether the process lives',
      schema: { response: { 200: Type.Object({ live: Type.Literal(true) }) } },
      handle: async () => ({ status: 200, body: { live: true } }),
    }),
    defineRoute({
      method: 'GET',
      url: '/readyz',
      permission: 'none',
      operationId: 'ready',
      summary: 'Whether it can do its work, and if not, why',
      schema: { response: { 200: Ready, 503: Ready } },
      handle: async () => {
        const reasons = notReady()
        const ready = reasons.length === 0
        return { status: ready ? 200 : 503, body: { ready, reasons } }
      },
    }),
  ]
}
