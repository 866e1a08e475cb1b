import { canonicalSerial } from '../../domain/credential.ts'
import type { LifecycleEvent } from '../../domain/event.ts'
import { isPlausible, parseInstant } from '../../domain/instant.ts'
import { childrenOf, type Element, elementAt, hexOf, TAG, textIn } from './der.ts'
import { issuerName } from './issuer-name.ts'

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

/** Object identifier 2.5.29.21, the reason code of an entry. */
const REASON_CODE = '551d15'

/**
 * One step for each entry of a DER list (`CertificateList`, RFC 5280 section 5.1): `revoked` on its revocation date,
 * or `reinstated` where a delta list takes a certificate off again. Undefined when the bytes are no such list.
 */
export function readList(bytes: Uint8Array): readonly LifecycleEvent[] | undefined {
  const list = elementAt(bytes, 0, bytes.length)
  const parts = list?.tag === TAG.sequence ? childrenOf(bytes, list) : undefined
  if (parts?.length !== 3 || parts[0].tag !== TAG.sequence) return undefined
  const fields = childrenOf(bytes, parts[0]) ?? []
  const first = fields[0]?.tag === TAG.integer ? 1 : 0
  const [algorithm, name, thisUpdate] = fields.slice(first)
  if (algorithm?.tag !== TAG.sequence || name?.tag !== TAG.sequence || !isTime(thisUpdate)) return undefined
  const issuer = issuerName(bytes, name)
  const entries = fields.slice(first + 3).find((field) => field.tag === TAG.sequence)
  return entries === undefined ? [] : readEntries(bytes, entries, issuer)
}

function readEntries(
  bytes: Uint8Array,
  list: Element,
  issuer: string | undefined,
): readonly LifecycleEvent[] | undefined {
  const entries = childrenOf(bytes, list)
  if (entries === undefined) return undefined
  const events: LifecycleEvent[] = []
  for (const entry of entries) {
    const event = readEntry(bytes, entry, issuer)
    if (event === undefined) return undefined
    events.push(event)
  }
  return events
}

function readEntry(
  bytes: Uint8Array,
  entry: Element,
  issuer: string | undefined,
): LifecycleEvent | undefined {
  const [serial, date, extensions] = (entry.tag === TAG.sequence && childrenOf(bytes, entry)) || []
  if (serial?.tag !== TAG.integer || serial.to - serial.from > 21 || !isTime(date)) return undefined
  const id = canonicalSerial(hexOf(bytes, serial), 16)
  const time = timeOf(bytes, date)
  if (id === undefined || !isPlausible(time)) return undefined
  const reason = extensions === undefined ? undefined : readReason(bytes, extensions)
  return {
    kind: 'lifecycle',
    time,
    action: reason === 'removeFromCRL' ? 'reinstated' : 'revoked',
    identity: undefined,
    credential: { kind: 'x509', issuer, id },
    previous: undefined,
    notBefore: undefined,
    notAfter: undefined,
    actor: undefined,
    reason,
  }
}

function isTime(element: Element | undefined): element is Element {
  return element?.tag === TAG.utcTime || element?.tag === TAG.generalizedTime
}

/** `YYMMDDhhmmssZ` (years from 1950 on) or `YYYYMMDDhhmmssZ`; NaN when it is neither. */
function timeOf(bytes: Uint8Array, element: Element): number {
  const text = textIn(bytes, element)
  const full =
    element.tag === TAG.generalizedTime ? text : `${Number(text.slice(0, 2)) < 50 ? 20 : 19}${text}`
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full)
  if (match === null) return Number.NaN
  return parseInstant(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`)
}

function readReason(bytes: Uint8Array, extensions: Element): string | undefined {
  for (const extension of childrenOf(bytes, extensions) ?? []) {
    const parts = childrenOf(bytes, extension) ?? []
    const [oid, value] = [parts[0], parts.at(-1)]
    if (oid?.tag !== TAG.oid || value?.tag !== TAG.octetString || hexOf(bytes, oid) !== REASON_CODE) continue
    const code = elementAt(bytes, value.from, value.to)
    return code?.tag === TAG.enumerated ? REASONS[bytes[code.from]] : undefined
  }
  return undefined
}
