import type { Permission, Problem, Requester } from '../domain/route.ts'
import { isLoopbackAddress } from './address.ts'
import { equalInConstantTime, sha256Hex } from './hash.ts'
import { worldError } from './world-error.ts'

/** A bearer token as it is kept: its hash only. */
export interface AccessToken {
  readonly name: string
  /** SHA-256 of the token, lower-case hex. */
  readonly sha256: string
  readonly permissions: readonly Permission[]
}

export const ROLE_PERMISSIONS: Readonly<Record<'viewer' | 'responder', readonly Permission[]>> = {
  viewer: ['view'],
  responder: ['view', 'respond'],
}

const LOCAL: Requester = { name: 'local', permissions: ['view', 'respond', 'send'] }

const WHO: Problem = {
  status: 401,
  code: 'token-required',
  detail: 'send Authorization: Bearer and a token of the configuration',
}
const NOT_YOU: Problem = {
  status: 403,
  code: 'not-permitted',
  detail: 'this token does not grant what the route needs',
}
const NOT_HERE: Problem = {
  status: 403,
  code: 'foreign-host',
  detail: 'without tokens only requests to a loopback name are answered',
}

/**
 * Who calls, or why they may not. Without tokens only loopback listens, and the `Host` header must name loopback too:
 * otherwise a page in a browser could reach the port under a name of its own.
 */
export function requesterOf(
  headers: { readonly authorization?: string; readonly host?: string },
  needed: Permission,
  tokens: readonly AccessToken[],
): Requester | Problem {
  if (tokens.length === 0) return namesLoopback(headers.host) ? LOCAL : NOT_HERE
  const presented = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(headers.authorization ?? '')?.[1]
  if (presented === undefined) return WHO
  const hash = sha256Hex(presented)
  const token = tokens.filter(({ sha256 }) => equalInConstantTime(sha256, hash)).at(0)
  if (token === undefined) return WHO
  return token.permissions.includes(needed) ? token : NOT_YOU
}

function namesLoopback(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return name === 'localhost' || isLoopbackAddress(name)
}

/** @throws WorldError `listen-unprotected` when others could reach the port and no token protects it */
export function checkExposure(host: string, tokens: readonly AccessToken[]): void {
  if (tokens.length > 0 || host === 'localhost' || isLoopbackAddress(host)) return
  throw worldError(
    'listen-unprotected',
    `refusing to listen on ${host} without a token: run "meshwatch token" and add what it prints to the configuration, or listen on 127.0.0.1`,
  )
}
