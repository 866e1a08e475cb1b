import type { Event } from './event.ts'

/** What a log format can give, and what a detector needs: a detector that lacks something says so. */
export const VISIBILITIES = [
  'caller',
  'callee',
  'credential',
  'connection',
  'origin',
  'operation',
  'bytes',
  'lifecycle',
  'revocation',
] as const
export type Visibility = (typeof VISIBILITIES)[number]

const BIT = Object.fromEntries(VISIBILITIES.map((visibility, i) => [visibility, 1 << i])) as Record<
  Visibility,
  number
>

/** What one event shows, as bits in the order of {@link VISIBILITIES}. A caller counts only when its name was verified. */
export function shownBy(event: Event): number {
  if (event.kind === 'lifecycle')
    return event.action === 'revoked' ? BIT.lifecycle | BIT.revocation : BIT.lifecycle
  let shown = BIT.callee
  if (event.callerVerified) shown |= BIT.caller
  if (event.credential !== undefined) shown |= BIT.credential
  if (event.connection !== undefined) shown |= BIT.connection
  if (event.origin !== undefined) shown |= BIT.origin
  if (event.operation !== undefined) shown |= BIT.operation
  if (event.bytesOut !== undefined) shown |= BIT.bytes
  return shown
}

/** Visibilities as bits, as in {@link shownBy}. */
export function bitsOf(visibilities: readonly Visibility[]): number {
  return visibilities.reduce((bits, visibility) => bits | BIT[visibility], 0)
}

/** The visibilities of bits. */
export function visibilitiesOf(bits: number): Visibility[] {
  return VISIBILITIES.filter((visibility) => (bits & BIT[visibility]) !== 0)
}

/** What is needed and was never shown. */
export function lacking(needs: readonly Visibility[], shown: number): Visibility[] {
  return needs.filter((need) => (shown & BIT[need]) === 0)
}
