import type { LifecycleEvent } from '../../domain/event.ts'
import { childrenOf, type Element, elementAt, hexOf, TAG } from './der.ts'
import { issuerName } from './issuer-name.ts'
import { emptyEntry, type RevokedEntry, readEntry } from './revoked-entry.ts'
import { isTime } from './time.ts'

/** Reason codes of RFC 5280, section 5.3.1; 7 is not used. */
const REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
]

/** A sound list: where its entries lie. */
export interface RevocationList {
  readonly bytes: Uint8Array
  readonly issuer: string | undefined
  readonly entries: Pick<Element, 'from' | 'to'>
}

const NO_ENTRIES = { from: 0, to: 0 }

/** A DER list (`CertificateList`, RFC 5280 section 5.1) of which every entry is sound; undefined when it is none. */
export function readList(bytes: Uint8Array): RevocationList | undefined {
  const list = elementAt(bytes, 0, bytes.length)
  const parts = list?.tag === TAG.sequence ? childrenOf(bytes, list) : undefined
  if (parts?.length !== 3 || parts[0].tag !== TAG.sequence) return undefined
  const fields = childrenOf(bytes, parts[0]) ?? []
  const first = fields[0]?.tag === TAG.integer ? 1 : 0
  const [algorithm, name, thisUpdate] = fields.slice(first)
  if (algorithm?.tag !== TAG.sequence || name?.tag !== TAG.sequence || !isTime(thisUpdate?.tag))
    return undefined
  const entries = fields.slice(first + 3).find((field) => field.tag === TAG.sequence) ?? NO_ENTRIES
  return areSound(bytes, entries) ? { bytes, issuer: issuerName(bytes, name), entries } : undefined
}

function areSound(bytes: Uint8Array, { from, to }: RevocationList['entries']): boolean {
  const entry = emptyEntry()
  let at = from
  while (at >= 0 && at < to) at = readEntry(bytes, at, to, entry)
  return at === to
}

/**
 * One step for each entry: `revoked` on its revocation date, or `reinstated` where a delta list takes a certificate
 * off again. Each is made when it is asked for.
 */
export function* eventsOf({ bytes, issuer, entries }: RevocationList): Generator<LifecycleEvent> {
  const entry = emptyEntry()
  for (let at = entries.from; at < entries.to; ) {
    at = readEntry(bytes, at, entries.to, entry)
    yield eventOf(bytes, entry, issuer)
  }
}

function eventOf(bytes: Uint8Array, entry: RevokedEntry, issuer: string | undefined): LifecycleEvent {
  const reason = REASONS[entry.reason]
  return {
    kind: 'lifecycle',
    time: entry.time,
    action: reason === 'removeFromCRL' ? 'reinstated' : 'revoked',
    identity: undefined,
    credential: { kind: 'x509', issuer, id: serialOf(bytes, entry) },
    previous: undefined,
    notBefore: undefined,
    notAfter: undefined,
    actor: undefined,
    address: undefined,
    reason,
  }
}

/** In canonical form (see `canonicalSerial`): without leading zeros, but `0` for zero. */
function serialOf(bytes: Uint8Array, entry: RevokedEntry): string {
  const hex = hexOf(bytes, entry)
  return hex.startsWith('0') ? hex.slice(1) : hex
}
