import { canonicalIdentity } from '../../domain/identity.ts'
import { portOf } from '../address.ts'
import { remember } from '../memo.ts'
import type { SourceContext } from '../parser.ts'

/**
 * The service that a name in Envoy's log stands for, when no certificate names it: the cluster
 * `outbound|8443||ledger.pay.svc`, the server name `outbound_.8443_._.ledger.pay.svc`, or `ledger:8443` of a header.
 * @returns '' when it names none
 */
export function serviceHost(text: string | undefined, context: SourceContext): string {
  if (text === undefined) return ''
  const known = context.memo.hosts.get(text)
  if (known !== undefined) return known
  const canonical = canonicalIdentity(hostPart(text).toLowerCase(), context.trustDomain)
  return remember(context.memo.hosts, text, 'identity' in canonical ? canonical.identity : '')
}

function hostPart(text: string): string {
  if (text.includes('|')) return text.slice(text.lastIndexOf('|') + 1)
  if (text.startsWith('outbound_.')) return text.slice(text.lastIndexOf('_._.') + 4)
  const port = portOf(text)
  return port === '' ? text : text.slice(0, -port.length - 1)
}

/** Port of the cluster `outbound|15432||ledger`, or ''. */
export function clusterPort(cluster: string): string {
  return cluster.split('|', 2)[1] ?? ''
}
