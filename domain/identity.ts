import type { RejectReason } from './reject.ts'

/**
 * One workload identity in one spelling, whatever system named it (`formats.md` section 5). SPIFFE ids keep
 * their form; the other spellings of a Kubernetes service account become the SPIFFE id that Istio and SPIRE
 * give it; every other text stands for itself.
 */
export type CanonicalIdentity = { readonly identity: string } | { readonly reason: RejectReason }

/** Longest identity in characters: the SPIFFE limit of 2,048 bytes. */
export const MAX_IDENTITY_LENGTH = 2048

const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/
const PATH_SEGMENT = /^[A-Za-z0-9._-]+$/
const INVALID = { reason: 'invalid-identity' } as const

/** SPIFFE-ID 1.0, sections 2.1–2.3: lower-case trust domain without port or user, plain path segments. */
function isSpiffe(id: string): boolean {
  const [domain, ...segments] = id.slice('spiffe://'.length).split('/')
  if (!TRUST_DOMAIN.test(domain)) return false
  return segments.every((segment) => segment !== '.' && segment !== '..' && PATH_SEGMENT.test(segment))
}

/** `a.b.serviceaccount.identity.linkerd.td` → service account a, namespace b, trust domain td; else undefined. */
function fromLinkerd(name: string): string | undefined {
  const match = /^([a-z0-9-]+)\.([a-z0-9-]+)\.serviceaccount\.identity\.[a-z0-9-]+\.([a-z0-9.-]+)$/.exec(name)
  return match ? `spiffe://${match[3]}/ns/${match[2]}/sa/${match[1]}` : undefined
}

/**
 * The canonical form of `text`.
 * @param trustDomain for spellings that carry none (`system:serviceaccount:N:S`)
 * @returns the identity, or `invalid-identity`: empty, over 2,048 characters, unpaired surrogates, the group form
 *   `system:serviceaccounts:`, or a SPIFFE id that breaks the grammar
 */
export function canonicalIdentity(text: string, trustDomain = 'cluster.local'): CanonicalIdentity {
  if (text.length === 0 || text.length > MAX_IDENTITY_LENGTH || !text.isWellFormed()) return INVALID
  if (text.startsWith('spiffe://')) return isSpiffe(text) ? { identity: text } : INVALID
  if (/^spiffe:/i.test(text)) return INVALID
  const account = /^system:serviceaccount:([^:/]+):([^:/]+)$/.exec(text)
  if (account) return canonicalIdentity(`spiffe://${trustDomain}/ns/${account[1]}/sa/${account[2]}`)
  if (text.startsWith('system:serviceaccounts')) return INVALID
  if (/^[a-z0-9._-]+\/ns\/[^/]+\/sa\/[^/]+$/.test(text)) return canonicalIdentity(`spiffe://${text}`)
  return { identity: fromLinkerd(text) ?? text }
}

/** `payments/checkout` of `spiffe://td/ns/payments/sa/checkout`; other identities unchanged. For people to read. */
export function shortIdentity(identity: string): string {
  const match = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/(?:sa|dc\/[^/]+\/svc)\/([^/]+)$/.exec(identity)
  return match ? `${match[1]}/${match[2]}` : identity
}

/** The group an identity belongs to: `spiffe://td/ns/payments` for a service account, else the text before the last `/`, or ''. */
export function namespaceOf(identity: string): string {
  const match = /^(spiffe:\/\/[^/]+\/ns\/[^/]+)\//.exec(identity)
  return match ? match[1] : identity.slice(0, Math.max(0, identity.lastIndexOf('/')))
}

/** `payments` of `spiffe://td/ns/payments/sa/checkout`; undefined for an identity that names no Kubernetes namespace. */
export function kubernetesNamespaceOf(identity: string): string | undefined {
  return /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/(?:sa|dc\/[^/]+\/svc)\/[^/]+$/.exec(identity)?.[1]
}

/** Replicas of one role differ in a number only: `worker-17` and `worker-3` share the role `worker-#`. */
export function roleOf(identity: string): string {
  return identity.replace(/\d+/g, '#')
}
