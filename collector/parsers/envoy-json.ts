import type { Event, Transport } from '../../domain/event.ts'
import { isPlausible } from '../../domain/instant.ts'
import type { RejectReason } from '../../domain/reject.ts'
import { portOf } from '../address.ts'
import { isDenied, statusOf } from '../envoy/outcome.ts'
import { type Parties, partiesOf } from '../envoy/parties.ts'
import { type EnvoyRow, hasWrongType } from '../envoy/row.ts'
import { type RowKind, rowKind } from '../envoy/row-kind.ts'
import { clusterPort } from '../envoy/service-host.ts'
import { readObject } from '../json.ts'
import type { Memo } from '../memo.ts'
import { operationOf } from '../operation.ts'
import type { Parser, SourceContext } from '../parser.ts'
import { amountOf, amountReason, boundedText, instantOf, textOf } from '../value.ts'

/**
 * Access logs of Envoy, Istio and Consul as JSON, with the identity keys: HTTP, TCP and listener rows of either
 * reporter. Only the physical peer's address is taken; `x_forwarded_for` and `downstream_remote_address` are the
 * caller's to choose.
 */
export const envoyJson: Parser = {
  name: 'envoy-json',
  describes: 'JSON access logs of Envoy, Istio and Consul proxies: HTTP, TCP and listener rows',
  framing: 'line',
  carries: ['caller', 'callee', 'credential', 'connection', 'origin', 'operation', 'bytes'],
  matches: ({ text }) =>
    text.includes('"start_time"') &&
    (text.includes('"downstream_') || text.includes('"upstream_') || text.includes('"response_code"')),
  parse: (record, context) => {
    const row = readObject(record)
    return typeof row === 'string' ? row : readRow(row, context)
  },
}

function readRow(row: EnvoyRow, context: SourceContext): readonly Event[] | RejectReason {
  if (hasWrongType(row)) return 'wrong-type'
  const startTime = instantOf(row.start_time)
  if (typeof startTime === 'string') return startTime
  const parties = partiesOf(row, context)
  return typeof parties === 'string' ? parties : readCall(row, { startTime, parties, memo: context.memo })
}

/** What a call is read with beside its row. */
interface Known {
  readonly startTime: number
  readonly parties: Parties
  readonly memo: Memo
}

/** Bytes of rows that count for no call are left out: the row that is counted has them again. */
function readCall(row: EnvoyRow, { startTime, parties, memo }: Known): readonly Event[] | RejectReason {
  const reason = badAmount(row)
  if (reason !== undefined) return reason
  const kind = rowKind(row)
  const isCounted = kind === 'request' || kind === 'session'
  const status = statusOf(row, amountOf(row.response_code))
  const durationMs = amountOf(row.duration)
  const time = startTime + (durationMs ?? 0)
  if (!isPlausible(time)) return 'time-out-of-range'
  return [
    {
      kind: 'call',
      time,
      startTime,
      caller: parties.caller,
      callee: parties.callee,
      callerVerified: parties.verified,
      operation: operation(row, kind, memo),
      credential: parties.credential,
      origin: { address: parties.address, fingerprint: boundedText(row.tls_ja4) ?? boundedText(row.tls_ja3) },
      connection: connection(row, kind),
      connectionStartTime: kind === 'request' || kind === 'progress' ? undefined : startTime,
      reporter: parties.reporter,
      side: parties.side,
      transport: parties.side === 'server' ? downstreamTransport(row, kind) : upstreamTransport(row),
      status,
      denied: isDenied(row, status),
      bytesIn: isCounted ? amountOf(row.bytes_received) : undefined,
      bytesOut: isCounted ? amountOf(row.bytes_sent) : undefined,
      durationMs,
      count: isCounted ? 1 : 0,
    },
  ]
}

function badAmount(row: EnvoyRow): RejectReason | undefined {
  if (Number.isNaN(amountOf(row.duration))) return amountReason(row.duration)
  if (Number.isNaN(amountOf(row.bytes_received))) return amountReason(row.bytes_received)
  if (Number.isNaN(amountOf(row.bytes_sent))) return amountReason(row.bytes_sent)
  const code = amountOf(row.response_code)
  return code === undefined || code <= 999 ? undefined : amountReason(row.response_code)
}

function operation(row: EnvoyRow, kind: RowKind, memo: Memo): string | undefined {
  const method = textOf(row.method)
  if (method !== undefined) return operationOf(method, textOf(row.path), memo)
  if (kind !== 'session' && kind !== 'session-progress') return undefined
  const cluster = textOf(row.upstream_cluster)
  const port = cluster?.startsWith('outbound|')
    ? clusterPort(cluster)
    : portOf(textOf(row.downstream_local_address) ?? '')
  return port === '' ? 'tcp' : `tcp/${port}`
}

/** A connection closed before TLS spoke has id 0 for want of one, which is another connection's real id. */
function connection(row: EnvoyRow, kind: RowKind): string | undefined {
  const id = row.connection_id
  if (id === 0 && kind === 'connection' && textOf(row.downstream_tls_version) === undefined) return undefined
  return typeof id === 'number' ? String(id) : boundedText(id)
}

/** Undefined when the key is not logged at all, or for a connection that may not have spoken yet. */
function downstreamTransport(row: EnvoyRow, kind: RowKind): Transport | undefined {
  if (textOf(row.downstream_peer_uri_san) ?? textOf(row.downstream_peer_serial)) return 'mtls'
  if (textOf(row.downstream_tls_version) !== undefined) return 'tls'
  return row.downstream_tls_version === undefined || kind === 'connection' ? undefined : 'plaintext'
}

function upstreamTransport(row: EnvoyRow): Transport | undefined {
  return (textOf(row.upstream_local_uri_san) ?? textOf(row.upstream_peer_uri_san)) ? 'mtls' : undefined
}
