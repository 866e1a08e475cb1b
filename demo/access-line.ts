import { type Certificate, ISSUER } from './certificates.ts'
import type { Operation } from './operations.ts'
import type { Service } from './services.ts'

/**
 * One row of an inbound sidecar's JSON access log (Istio's keys and the identity keys, sorted as Envoy does),
 * put together from pieces that stay the same for an operation or a connection.
 */
export interface Row {
  readonly connection: ConnectionText
  readonly operation: OperationText
  readonly outcome: string
  readonly bytesIn: number
  readonly bytesOut: number
  readonly durationMs: number
  readonly requestId: string
  /** RFC 3339 with milliseconds. */
  readonly startText: string
  /** Number at the end of the path, or ''. */
  readonly number: number | ''
}

export interface OperationText {
  readonly head: string
  readonly hasNumber: boolean
}

export interface ConnectionText {
  readonly head: string
  readonly tail: string
}

export function accessLine(row: Row): string {
  const { connection, operation } = row
  return (
    '{"bytes_received":' +
    row.bytesIn +
    ',"bytes_sent":' +
    row.bytesOut +
    connection.head +
    row.durationMs +
    operation.head +
    row.number +
    '","protocol":"HTTP/2","request_id":"' +
    row.requestId +
    row.outcome +
    row.startText +
    connection.tail
  )
}

export function operationText({ method, path, hasNumber }: Operation): OperationText {
  return { head: `,"log_type":"DownstreamEnd","method":"${method}","path":"${path}`, hasNumber }
}

/** Status and what goes with it. Errors are the application's own; the sidecar refuses nobody. */
export function outcomeText(status: number): string {
  return `","response_code":${status},"response_code_details":"via_upstream","response_flags":"-","start_time":"`
}

/** The two ends of a TLS connection as the callee's sidecar sees them. */
export interface ConnectionEnds {
  readonly id: number
  readonly caller: Service
  readonly callee: Service
  /** Address and port. */
  readonly from: string
  /** Address of the callee's pod. */
  readonly to: string
  readonly certificate: Certificate
  /** TLS client fingerprint. */
  readonly ja4: string
}

export function connectionText(ends: ConnectionEnds): ConnectionText {
  const { certificate, from, to } = ends
  return {
    head:
      `,"connection_id":${ends.id},"downstream_direct_remote_address":"${from}"` +
      `,"downstream_local_address":"${to}:15006","downstream_local_uri_san":"${ends.callee.identity}"` +
      `,"downstream_peer_cert_v_end":"${new Date(certificate.validTo).toISOString()}"` +
      `,"downstream_peer_fingerprint_256":"${certificate.fingerprint}"` +
      `,"downstream_peer_issuer":"CN=${ISSUER},O=shop","downstream_peer_serial":"${certificate.serialHex}"` +
      `,"downstream_peer_uri_san":"${ends.caller.identity}","downstream_remote_address":"${from}"` +
      `,"downstream_tls_version":"TLSv1.3","duration":`,
    tail:
      `","tls_ja4":"${ends.ja4}","upstream_cluster":"inbound|8080||","upstream_host":"${to}:8080"` +
      `,"user_agent":"${ends.caller.name}/1.9"}`,
  }
}

/** What every sidecar's TLS library looks like, and what another one does. */
export const SIDECAR_JA4 = 't13d0911h2_f91f431d341e_78e6aca7449b'
export const FOREIGN_JA4 = 't13d1516h2_8daaf6152771_02713d6af862'
