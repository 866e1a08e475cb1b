import { HOUR_MS, MINUTE_MS } from './curve.ts'
import { hexLot, lot } from './dice.ts'
import type { Pod } from './pods.ts'

/** A workload certificate by what logs show of it. */
export interface Certificate {
  /** Lower-case hex as OpenSSL prints it: whole bytes, no leading zero byte. */
  readonly serialHex: string
  /** SHA-256 of the certificate in hex. */
  readonly fingerprint: string
  /** Epoch ms; valid from a minute earlier. */
  readonly issuedAt: number
  readonly validTo: number
}

/** Twice the time to renewal, and longer than a certificate's last connection can live. */
export const LIFETIME_MS = 2 * HOUR_MS
export const ISSUER = 'shop CA'

/** When the pod's certificate `number` (from 0, at birth) is issued: about every hour, each pod at its own pace. */
export function issueTimeOf(pod: Pod, number: number): number {
  if (number === 0) return pod.bornAt
  const { seed } = pod.slot
  const everyMs = 57 * MINUTE_MS + (lot(seed, `pace/${pod.key}`) % (3 * MINUTE_MS))
  return pod.bornAt + number * everyMs + (lot(seed, `jitter/${pod.key}/${number}`) % MINUTE_MS)
}

/** Number of the newest certificate the pod has at `time`, which is not before its birth. */
export function certificateNumberAt(pod: Pod, time: number): number {
  let number = Math.max(0, Math.floor((time - pod.bornAt) / HOUR_MS) - 1)
  while (issueTimeOf(pod, number + 1) <= time) number++
  return number
}

/** The certificate that is issued to the pod at a time under a name of its own. */
export function certificateOf(pod: Pod, name: string, issuedAt: number): Certificate {
  const { seed } = pod.slot
  return {
    serialHex: hexLot(seed, `serial/${pod.key}/${name}`, 32).replace(/^(00)+/, ''),
    fingerprint: hexLot(seed, `fingerprint/${pod.key}/${name}`, 64),
    issuedAt,
    validTo: Math.floor((issuedAt + LIFETIME_MS) / 1000) * 1000,
  }
}
