import { textOf } from '../value.ts'
import type { EnvoyRow } from './row.ts'
import { tlsFailure } from './tls-failure.ts'

/** Status code names by number (gRPC, `doc/statuscodes.md`): Envoy writes either. */
const GRPC_STATUS = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
]

const REFUSALS: ReadonlySet<string> = new Set([
  'PermissionDenied',
  'PERMISSION_DENIED',
  'Unauthenticated',
  'UNAUTHENTICATED',
])

/** The row's status: failed handshake, gRPC status that is not OK, HTTP status, or response flags when there is none. */
export function statusOf(row: EnvoyRow, code: number | undefined): number | string | undefined {
  const failure = textOf(row.downstream_transport_failure_reason)
  if (failure !== undefined) return tlsFailure(failure)
  if (code === 200) return grpcStatus(row.grpc_status) ?? 200
  return code === undefined || code === 0 ? textOf(row.response_flags) : code
}

function grpcStatus(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  const status = GRPC_STATUS[Number(value)] ?? textOf(value)
  return status === 'OK' ? undefined : status
}

/** Refused by TLS, by RBAC (HTTP or TCP), by external authorisation (flag UAEX), or by a status that says so. */
export function isDenied(row: EnvoyRow, status: number | string | undefined): boolean {
  if (status === 401 || status === 403) return true
  if (typeof status === 'string' && REFUSALS.has(status)) return true
  if (textOf(row.downstream_transport_failure_reason) !== undefined) return true
  return (
    startsWithRbac(row.response_code_details) ||
    startsWithRbac(row.connection_termination_details) ||
    (typeof row.response_flags === 'string' && row.response_flags.includes('UAEX'))
  )
}

function startsWithRbac(details: unknown): boolean {
  return typeof details === 'string' && details.startsWith('rbac_access_denied')
}
