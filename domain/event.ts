import { type Static, Type } from 'typebox'
import type { CredentialRef } from './credential.ts'

/**
 * The normal form of every source: one call, or one step in a credential's life. Instants are epoch
 * milliseconds; event time is the *end* of a call.
 */
export type Event = CallEvent | LifecycleEvent

/** Where a credential was presented from. */
export interface Origin {
  /** Network address of the physical peer, without the port. */
  readonly address?: string
  /** Instance of the workload: pod, allocation, process. */
  readonly workload?: string
  readonly node?: string
  /** TLS client fingerprint (JA4, else JA3). */
  readonly fingerprint?: string
}

export type Transport = 'mtls' | 'tls' | 'plaintext'

/** Who wrote the row: the callee's proxy (or the callee), or the caller's. The same call may be seen by both. */
export type ReporterSide = 'server' | 'client'

export interface CallEvent {
  readonly kind: 'call'
  readonly time: number
  /** Start of the request or session, where known. */
  readonly startTime?: number
  readonly caller: string
  readonly callee: string
  /**
   * True when the reporter authenticated the caller's name. A refused handshake or a plaintext row only claims a
   * name: it never learns, counts for, or vouches for that name.
   */
  readonly callerVerified: boolean
  /** Method and path template, e.g. `GET /orders/{}`; a port or protocol for TCP. */
  readonly operation?: string
  /** The credential the caller presented. */
  readonly credential?: CredentialRef
  readonly origin?: Origin
  /** Connection id, unique within one reporter for the life of that reporter's process. */
  readonly connection?: string
  /** Start of the connection, when the row states it. */
  readonly connectionStartTime?: number
  /** The proxy or process that wrote the row. */
  readonly reporter?: string
  readonly side: ReporterSide
  readonly transport?: Transport
  /** HTTP status, gRPC status name, or a word of the source. */
  readonly status?: number | string
  /** The call was refused by authentication or authorisation. */
  readonly denied: boolean
  readonly bytesIn?: number
  readonly bytesOut?: number
  readonly durationMs?: number
  /** Calls this row stands for. 0: a progress or connection report about calls that are counted elsewhere. */
  readonly count: number
}

/** What happened to a credential. `denied` is the outcome of an attempt and never proves that a credential is bad. */
export const LIFECYCLE_ACTIONS = [
  'requested',
  'issued',
  'activated',
  'renewed',
  'rotated',
  'superseded',
  'revoked',
  'reinstated',
  'expired',
  'deleted',
  'exposed',
  'read',
  'denied',
] as const

export type LifecycleAction = (typeof LIFECYCLE_ACTIONS)[number]

export interface LifecycleEvent {
  readonly kind: 'lifecycle'
  /** When it took effect: for a revocation the revocation date, not the time it was reported. */
  readonly time: number
  readonly action: LifecycleAction
  /** Whose credential it is. */
  readonly identity?: string
  readonly credential?: CredentialRef
  /** The credential that this one replaces. */
  readonly previous?: CredentialRef
  readonly notBefore?: number
  readonly notAfter?: number
  /** Who asked for it, when that is another than `identity`. */
  readonly actor?: string
  /** Network address that it was asked for from, without the port. */
  readonly address?: string
  readonly reason?: string
}

/** Required texts must not be empty; an optional one that is empty counts as absent. */
const Text = (description: string) => Type.String({ description, minLength: 1 })
const OptionalText = (description: string) => Type.Optional(Type.String({ description }))
const Instant = (description: string) =>
  Type.Union([Type.Number(), Type.String()], {
    description: `${description}: epoch milliseconds or RFC 3339`,
  })
const Count = (description: string) =>
  Type.Integer({ description, minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const CredentialInput = Type.Object(
  {
    kind: Text(
      'x509, x509-fingerprint, jwt, token, api-key, access-key, client-secret; any other word counts as other',
    ),
    issuer: OptionalText('who issued it; an id is unique only with its issuer'),
    id: Text(
      'serial number in hex, fingerprint, token id, key id; a secret is replaced by its keyed HMAC on arrival',
    ),
  },
  { description: 'a credential by reference' },
)

/**
 * One line of our own format `meshwatch` for a call. Only kind, time, caller and callee are required; null counts as
 * absent, keys that are not named here are ignored.
 */
export const CallInput = Type.Object({
  kind: Type.Literal('call'),
  time: Instant('end of the call'),
  startTime: Type.Optional(Instant('start of the request')),
  caller: Text('the calling identity; any string is one'),
  callee: Text('the called identity'),
  callerVerified: Type.Optional(
    Type.Boolean({ description: 'the name of the caller was authenticated', default: true }),
  ),
  operation: OptionalText('method and path template'),
  credential: Type.Optional(CredentialInput),
  origin: Type.Optional(
    Type.Object({
      address: OptionalText('network address'),
      workload: OptionalText('instance of the workload'),
      node: OptionalText('node or host'),
      fingerprint: OptionalText('TLS client fingerprint'),
    }),
  ),
  connection: Type.Optional(
    Type.Union([Type.String({ description: 'connection id, unique within the reporter' }), Type.Number()]),
  ),
  connectionStartTime: Type.Optional(Instant('start of the connection')),
  reporter: OptionalText('the proxy that wrote the row'),
  side: Type.Optional(Type.Union([Type.Literal('server'), Type.Literal('client')], { default: 'server' })),
  transport: Type.Optional(
    Type.Union([Type.Literal('mtls'), Type.Literal('tls'), Type.Literal('plaintext')]),
  ),
  status: Type.Optional(Type.Union([Type.Number(), Type.String()])),
  denied: Type.Optional(
    Type.Boolean({ description: 'refused by authentication or authorisation; default: status 401 or 403' }),
  ),
  bytesIn: Type.Optional(Count('bytes from caller to callee')),
  bytesOut: Type.Optional(Count('bytes from callee to caller')),
  durationMs: Type.Optional(
    Type.Number({ description: 'length of the call', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  ),
  count: Type.Optional(Count('calls this row stands for; default 1')),
})

/** One line of our own format `meshwatch` for a lifecycle step. */
export const LifecycleInput = Type.Object({
  kind: Type.Literal('lifecycle'),
  time: Instant('when the step took effect'),
  action: Type.Union(LIFECYCLE_ACTIONS.map((action) => Type.Literal(action))),
  identity: OptionalText('whose credential it is'),
  credential: Type.Optional(CredentialInput),
  previous: Type.Optional(CredentialInput),
  notBefore: Type.Optional(Instant('first instant of validity')),
  notAfter: Type.Optional(Instant('last instant of validity')),
  actor: OptionalText('who asked for the step'),
  address: OptionalText('network address that asked for the step'),
  reason: OptionalText('why, in the words of the source'),
})

export type CallInput = Static<typeof CallInput>
export type LifecycleInput = Static<typeof LifecycleInput>
