import { textOf } from '../value.ts'
import type { EnvoyRow } from './row.ts'

/**
 * What a row reports: a whole `request`, a whole TCP `session`, the `progress` of a request or session that is
 * reported again at its end, or a `connection`, whose calls have rows of their own.
 */
export type RowKind = 'request' | 'session' | 'progress' | 'session-progress' | 'connection'

/**
 * By Envoy's access log type. Listeners write `NotSet`. Without the type (logs of before Envoy 1.26, default format of
 * Istio) a row with a method is a request, and one that met no filter chain (NR) or failed in TLS is a connection.
 */
export function rowKind(row: EnvoyRow): RowKind {
  const type = textOf(row.log_type) ?? textOf(row.access_log_type)
  if (type === 'DownstreamEnd') return 'request'
  if (type === undefined || type === 'NotSet') return byFields(row, type)
  if (type === 'TcpConnectionEnd' || type === 'UdpSessionEnd') return 'session'
  return type.startsWith('Tcp') ? 'session-progress' : 'progress'
}

function byFields(row: EnvoyRow, type: string | undefined): RowKind {
  if (textOf(row.method) !== undefined) return 'request'
  const isConnection =
    type === 'NotSet' ||
    row.response_flags === 'NR' ||
    textOf(row.downstream_transport_failure_reason) !== undefined
  return isConnection ? 'connection' : 'session'
}
