import { isNoText } from '../value.ts'

/**
 * One access-log row of an Envoy proxy as JSON: the 24 keys of Istio and Consul, and the identity keys. Unset values
 * are null, `-`, '' or not there.
 */
export interface EnvoyRow {
  readonly start_time?: unknown
  readonly duration?: unknown
  readonly log_type?: unknown
  readonly access_log_type?: unknown
  readonly method?: unknown
  readonly path?: unknown
  readonly authority?: unknown
  readonly response_code?: unknown
  readonly response_flags?: unknown
  readonly response_code_details?: unknown
  readonly connection_termination_details?: unknown
  readonly grpc_status?: unknown
  readonly bytes_received?: unknown
  readonly bytes_sent?: unknown
  readonly connection_id?: unknown
  readonly requested_server_name?: unknown
  readonly downstream_direct_remote_address?: unknown
  readonly downstream_local_address?: unknown
  readonly downstream_peer_uri_san?: unknown
  readonly downstream_peer_dns_san?: unknown
  readonly downstream_local_uri_san?: unknown
  readonly downstream_peer_serial?: unknown
  readonly downstream_peer_issuer?: unknown
  readonly downstream_peer_fingerprint_256?: unknown
  readonly downstream_tls_version?: unknown
  readonly downstream_transport_failure_reason?: unknown
  readonly tls_ja3?: unknown
  readonly tls_ja4?: unknown
  readonly upstream_cluster?: unknown
  readonly upstream_host?: unknown
  readonly upstream_local_address?: unknown
  readonly upstream_local_uri_san?: unknown
  readonly upstream_peer_uri_san?: unknown
  readonly upstream_transport_failure_reason?: unknown
}

/** True when an array, object, number or boolean stands where Envoy writes a text. Spelled out: a loop over keys is slow. */
export function hasWrongType(row: EnvoyRow): boolean {
  return (
    isNoText(row.start_time) ||
    isNoText(row.method) ||
    isNoText(row.path) ||
    isNoText(row.authority) ||
    isNoText(row.response_flags) ||
    isNoText(row.response_code_details) ||
    isNoText(row.connection_termination_details) ||
    isNoText(row.requested_server_name) ||
    isNoText(row.downstream_direct_remote_address) ||
    isNoText(row.downstream_local_address) ||
    isNoText(row.downstream_peer_uri_san) ||
    isNoText(row.downstream_local_uri_san) ||
    isNoText(row.downstream_peer_serial) ||
    isNoText(row.downstream_peer_issuer) ||
    isNoText(row.downstream_transport_failure_reason) ||
    isNoText(row.upstream_cluster) ||
    isNoText(row.upstream_local_uri_san) ||
    isNoText(row.upstream_peer_uri_san)
  )
}
