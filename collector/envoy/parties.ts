import type { CredentialRef } from '../../domain/credential.ts'
import type { ReporterSide } from '../../domain/event.ts'
import type { RejectReason } from '../../domain/reject.ts'
import { addressOf } from '../address.ts'
import { identityOf } from '../identity-memo.ts'
import { remember, type Sidecar } from '../memo.ts'
import type { SourceContext } from '../parser.ts'
import { bounded, textOf } from '../value.ts'
import { firstName } from './names.ts'
import { peerOf } from './peer.ts'
import type { EnvoyRow } from './row.ts'
import { serviceHost } from './service-host.ts'

/** Who called whom, and which proxy says so. */
export interface Parties {
  readonly side: ReporterSide
  readonly caller: string
  readonly callee: string
  /** The caller proved its name: a certificate in a handshake that did not fail. */
  readonly verified: boolean
  /** What the caller showed; its own proxy logs no certificate. */
  readonly credential: CredentialRef | undefined
  /** Address that the callee sees. */
  readonly address: string | undefined
  readonly reporter: string | undefined
}

/**
 * A row is the caller's own when the downstream peer showed no certificate (the workload speaks plaintext to its
 * sidecar) and the proxy showed its own upstream, or the cluster is an `outbound|` one.
 */
export function partiesOf(row: EnvoyRow, context: SourceContext): Parties | RejectReason {
  if (textOf(row.downstream_peer_uri_san) !== undefined) return inbound(row, context)
  const own = textOf(row.upstream_local_uri_san)
  const cluster = textOf(row.upstream_cluster)
  const isOutbound = own !== undefined || cluster?.startsWith('outbound|') === true
  return isOutbound ? outbound(row, context) : inbound(row, context)
}

/** The callee's own name is the proxy's certificate; what the caller asked for counts only without one. */
function inbound(row: EnvoyRow, context: SourceContext): Parties | RejectReason {
  const peer = peerOf(row, context)
  if (typeof peer === 'string') return peer
  const proxy = proxyAt(textOf(row.downstream_local_address), textOf(row.downstream_local_uri_san), context)
  const address = addressIn(row.downstream_direct_remote_address)
  const caller = peer.identity ?? addressName(address, context)
  const callee = proxy.identity ?? calledService(row, context)
  if (caller === undefined || callee === undefined) return 'missing-field'
  if (caller === '' || callee === '') return 'invalid-identity'
  const verified =
    peer.identity !== undefined && textOf(row.downstream_transport_failure_reason) === undefined
  const { credential } = peer
  return { side: 'server', caller, callee, verified, credential, address, reporter: proxy.reporter }
}

function calledService(row: EnvoyRow, context: SourceContext): string | undefined {
  return (
    serviceHost(textOf(row.requested_server_name), context) ||
    serviceHost(textOf(row.authority), context) ||
    addressName(addressIn(row.downstream_local_address), context)
  )
}

/** The workload's address is its own pod or loopback; the callee sees the address that the proxy dials from. */
function outbound(row: EnvoyRow, context: SourceContext): Parties | RejectReason {
  const own = textOf(row.upstream_local_uri_san)
  const peer = textOf(row.upstream_peer_uri_san)
  const address = addressIn(row.upstream_local_address)
  const proxy = proxyAt(address, own, context)
  const caller = proxy.identity ?? addressName(addressIn(row.downstream_direct_remote_address), context)
  const callee = peer === undefined ? dialledService(row, context) : identityOf(firstName(peer), context)
  if (caller === undefined || callee === undefined) return 'missing-field'
  if (caller === '' || callee === '') return 'invalid-identity'
  const verified = own !== undefined && textOf(row.upstream_transport_failure_reason) === undefined
  const credential = undefined
  return { side: 'client', caller, callee, verified, credential, address, reporter: proxy.reporter }
}

function dialledService(row: EnvoyRow, context: SourceContext): string | undefined {
  return (
    serviceHost(textOf(row.upstream_cluster), context) ||
    serviceHost(textOf(row.authority), context) ||
    addressName(addressIn(row.upstream_host), context)
  )
}

function addressIn(value: unknown): string | undefined {
  const text = textOf(value)
  return text === undefined ? undefined : bounded(addressOf(text))
}

/** `address:10.0.0.1`: a caller of whom nothing else is known. */
function addressName(address: string | undefined, context: SourceContext): string | undefined {
  if (address === undefined) return undefined
  const known = context.memo.addresses.get(address)
  return known ?? remember(context.memo.addresses, address, `address:${address}`)
}

/** @param text the address as written, with or without a port */
function proxyAt(text: string | undefined, own: string | undefined, context: SourceContext): Sidecar {
  const known = context.memo.proxies.get(text ?? '')
  if (known !== undefined && known.text === own) return known
  const address = text === undefined ? undefined : bounded(addressOf(text))
  const identity = own === undefined ? undefined : identityOf(firstName(own), context)
  const reporter =
    identity === undefined || address === undefined
      ? (identity ?? addressName(address, context))
      : `${identity}@${address}`
  return remember(context.memo.proxies, text ?? '', { text: own, identity, reporter })
}
