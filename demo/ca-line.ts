import { ISSUER, LIFETIME_MS } from './certificates.ts'
import { lot } from './dice.ts'
import type { Seat } from './fleet.ts'
import { secondText } from './instant-text.ts'

/** Rows of step-ca's JSON log (v0.30), without the certificate itself and the one-time token. */

const PROVISIONER = 'mesh-admin (ql9LCkA8JtilOEumvMxVxrsuvwNG67TW2ueAdGq3B6c)'

/** `/sign` for a first certificate, `/renew` for the same key again, `/rekey` for a new key. */
export type IssuePath = '/sign' | '/renew' | '/rekey'

/** The row of an issued certificate. @param time when the CA answered, epoch ms */
export function issuedLine(path: IssuePath, seat: Seat, time: number): string {
  const { certificate, pod } = seat
  const { service, seed } = pod.slot
  const agent = path === '/sign' ? 'Smallstep CLI/0.28.7 (linux/amd64)' : 'step-renewer/0.28.7 (linux/amd64)'
  const request = requestText(seed, `${path}${certificate.serialHex}${time}`, time)
  return (
    `{${request.duration},"issuer":"${ISSUER}","level":"info","method":"POST","msg":"","name":"ca","path":"${path}"` +
    `,"protocol":"HTTP/2.0","provisioner":"${PROVISIONER}","public-key":"ECDSA P-256","referer":""` +
    `,"remote-address":"${pod.address}",${request.id},"sans":{"uri":["${service.identity}"]}` +
    `,"serial":"${decimal(certificate.serialHex)}","size":3273,"status":201,"subject":"${service.name}"` +
    `,"time":"${secondText(time)}","user-agent":"${agent}","user-id":""` +
    `,"valid-from":"${secondText(certificate.validTo - LIFETIME_MS - 60_000)}"` +
    `,"valid-to":"${secondText(certificate.validTo)}"}`
  )
}

/** The row of a revocation for key compromise. @param from address of the person's machine */
export function revokedLine(seat: Seat, time: number, from: string): string {
  const request = requestText(seat.pod.slot.seed, `/revoke${seat.certificate.serialHex}`, time)
  return (
    `{${request.duration},"level":"info","mTLS":false,"method":"POST","msg":"","name":"ca","passiveOnly":true` +
    `,"path":"/revoke","protocol":"HTTP/2.0","reason":"key compromise","reasonCode":1,"referer":""` +
    `,"remote-address":"${from}",${request.id},"serial":"${decimal(seat.certificate.serialHex)}","size":16` +
    `,"status":200,"time":"${secondText(time)}","user-agent":"Smallstep CLI/0.28.7 (linux/amd64)","user-id":""}`
  )
}

function decimal(serialHex: string): string {
  return BigInt(`0x${serialHex}`).toString()
}

function requestText(seed: number, name: string, time: number): { duration: string; id: string } {
  const hex = [0, 1, 2, 3].map((i) => lot(seed, `${name}/${i}`).toString(16).padStart(8, '0'))
  const [a, b, c, d] = hex
  const nanoseconds = 900_000 + (lot(seed, name) % 2_000_000)
  return {
    duration: `"duration":"${nanoseconds / 1e6}ms","duration-ns":${nanoseconds},"fields.time":"${secondText(time)}"`,
    id: `"request-id":"${a}-${b.slice(0, 4)}-4${b.slice(5)}-8${c.slice(0, 3)}-${c.slice(4)}${d}"`,
  }
}
