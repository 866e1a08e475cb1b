import type { Static, TSchema } from 'typebox'

/**
 * An HTTP route as data: what it takes, who may call it, and a function from request to reply. The server in
 * `io/` mounts it, validates by the schemas, checks the permission, and writes the OpenAPI document from it.
 */
export interface Route<Schema extends RouteSchema = RouteSchema> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with `:name` for parameters, e.g. `/v1/incidents/:id`. */
  readonly url: string
  /** `none`: open to everybody (probes). Else the token must grant it. */
  readonly permission: Permission | 'none'
  readonly operationId: string
  readonly summary: string
  readonly schema: Schema
  /**
   * Content types whose body is handed over unparsed, as bytes in `request.bytes` (an entry of `*` takes any). Absent:
   * the body is JSON and must fit `schema.body`.
   */
  readonly acceptsBytes?: readonly string[]
  /** Longest body in bytes; default 1 MiB. A longer one is answered 413 before the handler. */
  readonly bodyLimitBytes?: number
  handle(request: RouteRequest<Schema>): Promise<RouteReply>
}

export const PERMISSIONS = ['view', 'respond', 'send'] as const
export type Permission = (typeof PERMISSIONS)[number]

export interface RouteSchema {
  readonly params?: TSchema
  readonly query?: TSchema
  readonly headers?: TSchema
  readonly body?: TSchema
  /** Successful answers by status; problems are added by the server. */
  readonly response: Readonly<Record<number, TSchema>>
}

/** Who calls: a token of the config, or `local` when none is configured and only loopback listens. */
export interface Requester {
  readonly name: string
  readonly permissions: readonly Permission[]
}

type Part<Schema> = Schema extends TSchema ? Static<Schema> : undefined

export interface RouteRequest<Schema extends RouteSchema = RouteSchema> {
  readonly id: string
  readonly requester: Requester
  readonly params: Part<Schema['params']>
  readonly query: Part<Schema['query']>
  readonly body: Part<Schema['body']>
  /** Only for routes with `acceptsBytes`; empty when there was no body. */
  readonly bytes: Uint8Array
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

export type RouteReply =
  | {
      readonly status: number
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly problem: Problem; readonly headers?: Readonly<Record<string, string>> }

/** Why a request was refused (RFC 9457); the server adds type, title and request id. */
export interface Problem {
  readonly status: number
  /** Stable, kebab-case: a client may branch on it. */
  readonly code: string
  /** One sentence for a person; never text of a secret. */
  readonly detail: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

/** Keeps the types of one route's schema for its handler while it is written down. */
export function defineRoute<const Schema extends RouteSchema>(route: Route<Schema>): Route {
  return route as unknown as Route
}

/** The reply that refuses a request. */
export function refuse(status: number, code: string, detail: string): RouteReply {
  return { problem: { status, code, detail } }
}
